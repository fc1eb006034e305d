// Package comment keeps one comment on a pull request of GitHub or a merge request of
// GitLab up to date: it finds the one that it wrote before and replaces its text, and
// writes a new one only where there is none.
//
// The package does not know what the comment says. It reads no environment, prints
// nothing, and its errors hold no token.
package comment

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Service is where the change is reviewed.
type Service string

// The services.
const (
	GitHub Service = "github"
	GitLab Service = "gitlab"
)

// Services returns every service in alphabetical order.
func Services() []Service { return []Service{GitHub, GitLab} }

// Place is the change that is commented on.
type Place struct {
	Service    Service
	API        string // https://api.github.com, https://ghes.example/api/v3, https://gitlab.com/api/v4
	Repository string // owner/name; of GitLab the number or the path of the project
	Number     int    // of the pull request; of GitLab the iid of the merge request
	Token      string
	// JobToken says that the token is the CI_JOB_TOKEN of a GitLab job, which may read
	// comments and not write them.
	JobToken bool
}

// String names the change as people of the service do: acme/shop#12, acme/shop!12.
func (p Place) String() string {
	if p.Service == GitLab {
		return fmt.Sprintf("%s!%d", p.Repository, p.Number)
	}
	return fmt.Sprintf("%s#%d", p.Repository, p.Number)
}

// Text writes the comment. before is the text of the comment that it replaces, "" if
// there is none; the new text should have at most most bytes.
type Text func(before string, most int) (string, error)

// Client posts comments. The zero value is not ready: every field is needed.
type Client struct {
	HTTP *http.Client
	// Wait returns after the duration, or with an error when the context ends.
	Wait func(context.Context, time.Duration) error
}

const (
	most     = 65000 // bytes of a comment; GitHub takes 65,536 characters
	attempts = 4
	pages    = 100 // of a hundred comments
	request  = 20 * time.Second
	longest  = 30 * time.Second // that a service may ask to wait
)

// Post writes the comment that holds mark, or replaces it; it reports whether it was
// there. Of several with the mark, such as those of two jobs that began at the same time, it
// keeps the oldest and deletes the others. Only
// comments of the same author are looked at: who quotes the mark is not answered.
//
// It tries again where the service is overloaded or does not answer, each time from
// the start, so that a comment that was written although the answer got lost is found.
func (c Client) Post(ctx context.Context, p Place, mark string, text Text) (replaced bool, err error) {
	s, err := newSession(c, p)
	if err != nil {
		return false, err
	}
	room := most
	for try := 1; ; try++ {
		replaced, err = s.post(ctx, mark, text, room)
		var r *refusal
		switch {
		case err == nil:
			return replaced, nil
		case ctx.Err() != nil:
			return false, s.explain(fmt.Errorf("%w; the service did not answer in time", ctx.Err()))
		case errors.As(err, &r) && r.tooLong() && room == most:
			room /= 2
			continue
		case !retryable(err) || try == attempts:
			return false, s.explain(err)
		}
		pause := time.Second << (try - 1)
		if r != nil && r.after > 0 {
			pause = r.after
		}
		if pause > longest {
			return false, s.explain(fmt.Errorf("%w; it asks to wait for %s", err, pause))
		}
		if waitErr := c.Wait(ctx, pause); waitErr != nil {
			return false, s.explain(err)
		}
	}
}

// post finds and writes the comment once.
func (s *session) post(ctx context.Context, mark string, text Text, room int) (bool, error) {
	mine, err := s.find(ctx, mark)
	if err != nil {
		return false, err
	}
	before := ""
	if len(mine) > 0 {
		before = mine[0].Body
	}
	body, err := text(before, room)
	if err != nil {
		return false, err
	}
	if !strings.Contains(body, mark) {
		return false, fmt.Errorf("the comment does not hold its mark")
	}
	if len(mine) == 0 {
		var written note
		if err := s.call(ctx, http.MethodPost, s.list, note{Body: body}, &written); err != nil {
			return false, err
		}
		return false, s.yield(ctx, mark, text, room, written)
	}
	if err := s.call(ctx, s.update, s.one(mine[0].ID), note{Body: body}, nil); err != nil {
		return true, err
	}
	for _, other := range mine[1:] {
		err := s.call(ctx, http.MethodDelete, s.one(other.ID), nil, nil)
		var r *refusal
		if errors.As(err, &r) && r.status == http.StatusNotFound {
			continue // another job was faster
		}
		if err != nil {
			return true, err
		}
	}
	return true, nil
}

// yield looks whether another job wrote its first comment at the same time. Of two that
// found none before, the one whose comment is the older keeps it, and the other puts its
// text there and takes its own away.
func (s *session) yield(ctx context.Context, mark string, text Text, room int, written note) error {
	mine, err := s.find(ctx, mark)
	if err != nil || len(mine) == 0 || mine[0].ID == written.ID {
		return err
	}
	_, err = s.post(ctx, mark, text, room)
	return err
}

// find returns the author's comments with the mark, the oldest first.
func (s *session) find(ctx context.Context, mark string) ([]note, error) {
	me, err := s.whoAmI(ctx)
	if err != nil {
		return nil, err
	}
	var mine []note
	for page := 1; ; page++ {
		if page > pages {
			return nil, fmt.Errorf("there are more than %d comments", pages*100)
		}
		var found []note
		more, err := s.page(ctx, page, &found)
		if err != nil {
			return nil, err
		}
		for _, n := range found {
			if strings.Contains(n.Body, mark) && !n.System && s.wrote(me, n) {
				mine = append(mine, n)
			}
		}
		if !more {
			break
		}
	}
	slices.SortFunc(mine, func(a, b note) int { return int(min(max(a.ID-b.ID, -1), 1)) })
	return mine, nil
}
