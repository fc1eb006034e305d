package main

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/notify"
	"github.com/metsuke-dev/metsuke/internal/store"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/report"
)

func newNotify(p *process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "notify",
		Short: "Tell people what saved scans found",
		Long: `Tell owners, and whoever answers for everything, what came, went and became overdue,
through the channels of the configuration: Slack, Microsoft Teams, mail, webhooks, and
issues in Jira and GitHub. What is to be told is kept in the store until it is sent.

` + "`metsuke serve`" + ` does so after every scan; ` + "`metsuke scan --notify`" + ` after one.`,
		Example: `  metsuke notify test chat
  metsuke notify outbox`,
		Args: subcommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	exits(cmd, "0  done", "2  usage error")
	cmd.AddCommand(newNotifySend(p), newNotifyTest(p), newNotifyOutbox(p))
	return cmd
}

// openAnnouncer opens the store and the channels for a command.
func (s *setup) openAnnouncer(ctx context.Context, p *process, cmd *cobra.Command) (announcer, error) {
	s.owners.wanted = true
	st, _, err := s.openStore(ctx, p, cmd, mustExist)
	if err != nil {
		return announcer{}, err
	}
	if err := s.owners.read(s.config, s.file); err != nil {
		_ = st.Close()
		return announcer{}, err
	}
	a, err := newAnnouncer(p, s.config, s.file, s.owners.owners, st)
	if err == nil && len(a.posts) == 0 {
		err = fmt.Errorf("%s has no notify.channels: there is nobody to tell", s.file)
	}
	if err != nil {
		_ = st.Close()
	}
	return a, err
}

// scanSeries is the history of what people are told of.
const scanSeries = "scan"

func newNotifySend(p *process) *cobra.Command {
	var s setup
	cmd := &cobra.Command{
		Use:   "send [RUN]",
		Short: "Tell what a saved scan found, and send what waits",
		Long: `Tell what a saved scan found, the latest when none is named, unless that was told
before; and send everything that waits in the outbox and is due. What cannot be sent is
tried again by the next one.`,
		Example: `  metsuke notify send
  metsuke notify send latest~1`,
		Args: arguments(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := s.openAnnouncer(cmd.Context(), p, cmd)
			if err != nil {
				return err
			}
			defer func() { _ = a.store.Close() }()
			ref := "scan:latest"
			if len(args) == 1 {
				ref = args[0]
			}
			info, err := a.store.Resolve(cmd.Context(), ref)
			if err != nil {
				return err
			}
			if info.Series != scanSeries {
				return fmt.Errorf("%s is a run of %s: people are told of scans, and what they know is about those", info.ID, info.Series)
			}
			if err := a.announce(cmd.Context(), info); err != nil {
				return err
			}
			return a.sendNow(cmd.Context())
		},
	}
	exits(cmd, "0  done", "1  something could not be sent, and waits or was given up", "2  usage, configuration or internal error")
	s.addStoreFlags(cmd)
	return cmd
}

// sendNow sends what is due, and says how that went.
func (a announcer) sendNow(ctx context.Context) error {
	sent, left, err := a.postman().Deliver(ctx)
	if err != nil {
		return err
	}
	a.p.say("%s sent", counted(sent, "message"))
	if left > 0 {
		a.p.say("%s could not be sent: `metsuke notify outbox` says why", counted(left, "message"))
		// Where a place is down, not all of its messages are tried.
		if n, err := a.store.Waiting(ctx); err == nil && n > 0 {
			a.p.say("%s to be sent by the next `metsuke notify send`", waits(n))
		}
		return exitCode(exitFindings)
	}
	return nil
}

func waits(n int) string {
	if n == 1 {
		return "1 message waits"
	}
	return counted(n, "message") + " wait"
}

func newNotifyTest(p *process) *cobra.Command {
	var s setup
	cmd := &cobra.Command{
		Use:   "test CHANNEL",
		Short: "Send a message through a channel, to see whether it arrives",
		Long: `Send a digest of one finding that does not exist through a channel, to everybody who is
told through it. Channels that keep issues make one, and close it.`,
		Example: `  metsuke notify test governance-chat`,
		Args:    arguments(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := s.openAnnouncer(cmd.Context(), p, cmd)
			if err != nil {
				return err
			}
			defer func() { _ = a.store.Close() }()
			var names []string
			for _, one := range a.posts {
				names = append(names, one.name)
				if one.name == args[0] {
					return a.try(cmd.Context(), one)
				}
			}
			return known("notify test", args, names)
		},
	}
	exits(cmd, "0  the messages were sent", "2  one was not, or there is no such channel")
	s.addStoreFlags(cmd)
	return cmd
}

// try sends messages about a finding that does not exist, first open and then mended.
func (a announcer) try(ctx context.Context, one post) error {
	now := a.p.now().UTC().Truncate(time.Second)
	f := finding.Finding{
		Fingerprint: "test", Policy: "metsuke-notify-test", Title: "This is a test of metsuke", Category: finding.Operations, Severity: finding.Critical, Verdict: finding.Fail,
		Message: "nothing is wrong, and nothing is to be done", Resource: finding.Resource{Provider: "test", Scope: "test", Type: "test", ID: "test"},
		History: &finding.History{Status: finding.StatusNew, FirstSeen: now, LastSeen: now, Since: now},
	}
	before := finding.RunRef{ID: "before", Time: now.AddDate(0, 0, -1)}
	run := finding.Run{ID: "test-" + now.Format("20060102-150405"), Mode: "scan", Time: now, Findings: []finding.Finding{f}, Since: &finding.Since{Run: before}}
	mended := run
	mended.ID, mended.Findings = run.ID+"-mended", nil
	mended.Since = &finding.Since{Run: before, Fixed: []finding.Finding{f}, CellsLost: []providers.Cell{}}
	sent, told := 0, map[string]string{}
	for _, news := range []notify.News{{Run: run, Alive: run.Findings}, {Run: mended}} {
		news.Digests = notify.Digests(news.Run, news.Alive, nil, one.least, nil, a.c.Notify.Link)
		news.Told = map[string]map[string]string{one.name: told}
		c := one.open(ownersOf(news.Digests))
		es, err := c.Compose(news)
		if err != nil {
			return err
		}
		for _, e := range es {
			if err := c.Send(ctx, e); err != nil {
				return fmt.Errorf("channel %s: %w", one.name, err)
			}
			maps.Copy(told, e.Tells)
			sent++
		}
	}
	if sent == 0 {
		return fmt.Errorf("channel %s: nobody was told: the finding of the test is nobody's and of no cloud, and the channel is for owners only, or for a cloud's security service", one.name)
	}
	a.p.say("%s sent through %s", counted(sent, "message"), one.name)
	return nil
}

func newNotifyOutbox(p *process) *cobra.Command {
	var s setup
	var most int
	var retry bool
	var format string
	cmd := &cobra.Command{
		Use:   "outbox",
		Short: "Show what was sent, what waits and what was given up",
		Long: `Show the messages of the last 90 days, the newest first: what was sent, what waits to be
tried again, what was given up, and why.`,
		Example: `  metsuke notify outbox
  metsuke notify outbox --retry`,
		Args: arguments(cobra.NoArgs),
	}
	show := func(ctx context.Context, st *store.Store, _ storePlace) error {
		if retry {
			n, err := st.Retry(ctx, p.now())
			if err != nil {
				return err
			}
			p.say("%s that were given up wait again", counted(int(n), "message"))
		}
		list, err := st.Messages(ctx, most)
		if err != nil {
			return err
		}
		if format == "json" {
			return writeJSON(p.stdout, shownMessages(list))
		}
		if len(list) == 0 {
			_, err := fmt.Fprintln(p.stdout, "The outbox is empty.")
			return err
		}
		return report.WriteListing(p.stdout, p.page(), messageListing(list))
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := oneOf("format", format, "table", "json"); err != nil {
			return err
		}
		if most < 0 {
			return fmt.Errorf("--limit %d: it is 0 or more", most)
		}
		return s.withStore(p, mustExist, show)(cmd, args)
	}
	exits(cmd, "0  shown", "2  usage, configuration or internal error")
	flags(cmd, "General", func(f *pflag.FlagSet) {
		f.IntVar(&most, "limit", 50, "the newest `N`")
		f.BoolVar(&retry, "retry", false, "let wait again what was given up")
	})
	addFormatFlag(cmd, &format, "table", "json")
	s.addStoreFlags(cmd)
	return cmd
}

// shownMessage is a message as JSON. What it says is left out: it names resources.
type shownMessage struct {
	Key     string    `json:"key"`
	Channel string    `json:"channel"`
	To      string    `json:"to,omitempty"`
	Run     string    `json:"run"`
	Status  string    `json:"status"`
	Created time.Time `json:"created"`
	Due     time.Time `json:"due,omitzero"`
	Ended   time.Time `json:"ended,omitzero"`
	Tries   int       `json:"failed_tries"`
	Error   string    `json:"error,omitempty"`
}

func shownMessages(list []store.MessageInfo) []shownMessage {
	out := make([]shownMessage, len(list))
	for i, m := range list {
		out[i] = shownMessage{m.Key, m.Channel, m.To, m.Run, string(m.Status), m.Created, m.Due, m.Ended, m.Tries, m.Why}
	}
	return out
}

func messageListing(list []store.MessageInfo) report.Listing {
	l := report.Listing{Head: []string{"STATUS", "CHANNEL", "TO", "RUN", "SINCE", "FAILED", "WHY"}, Least: []int{0, 0, 8, 24, 16, 0, 20}, Right: []int{5}}
	for _, m := range list {
		at := m.Created
		if !m.Ended.IsZero() {
			at = m.Ended
		}
		l.Rows = append(l.Rows, []string{string(m.Status), m.Channel, m.To, m.Run, at.UTC().Format("2006-01-02 15:04"), strconv.Itoa(m.Tries), m.Why})
	}
	return l
}
