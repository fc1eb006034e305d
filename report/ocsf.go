package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// ocsfReporter writes events of the Open Cybersecurity Schema Framework: a JSON array
// with one Compliance Finding (class 2003) on each line, as Prowler writes it and as
// importers of .ocsf.json read it. Without its first and last line, and the commas at the
// ends of lines, it is newline-delimited JSON.
//
// It follows version 1.5.0 of the schema (https://schema.ocsf.io/1.5.0/classes/compliance_finding).
// A check that could not be made is a warning there, which the schema says of one that
// gave no result for want of information. The last event says how much was read; what
// earlier runs found and this one did not is closed, or a warning where it was not
// looked at.
type ocsfReporter struct{ o Options }

func (r ocsfReporter) Report(w io.Writer, run finding.Run) error {
	out := bufio.NewWriter(w)
	before := "[\n"
	put := func(e ocsfEvent) error {
		line, err := marshal(e, "")
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "%s%s", before, strings.TrimSuffix(string(line), "\n"))
		before = ",\n"
		if err != nil {
			return fmt.Errorf("write report: %w", err)
		}
		return nil
	}
	events := ocsfEvents{run: run, known: policies(run), seen: identities{}, toolURL: r.o.ToolURL}
	for _, f := range ordered(run) {
		if err := put(events.made(f)); err != nil {
			return err
		}
	}
	for _, f := range run.Fixed {
		if err := put(events.mended(f)); err != nil {
			return err
		}
	}
	if since := run.Since; since != nil {
		for _, past := range []struct {
			findings []finding.Finding
			status   finding.Status
		}{{since.Fixed, finding.StatusFixed}, {since.Gone, finding.StatusGone}, {since.NotVisible, finding.StatusNotVisible}} {
			for _, f := range past.findings {
				if err := put(events.past(f, past.status)); err != nil {
					return err
				}
			}
		}
	}
	if err := put(events.coverage()); err != nil {
		return err
	}
	if _, err := out.WriteString("\n]\n"); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}
