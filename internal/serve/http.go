package serve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Handler answers /healthz (the process lives), /readyz (scans will begin in time; 503
// and why when they may not) and /metrics. What it shows names owners and counts, and no
// resource.
func Handler(s *Server, m *Metrics) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if err := s.Ready(); err != nil {
			plain(w, http.StatusServiceUnavailable, err.Error())
			return
		}
		plain(w, http.StatusOK, "ok")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		plain(w, http.StatusOK, "metsuke serve\n\n/healthz  the process lives\n/readyz   scans will begin in time\n/metrics  figures for Prometheus")
	})
	return mux
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = fmt.Fprintln(w, text) // whoever asked may be gone
}

// slowest is how long a request may take to arrive, and its answer to leave.
const slowest = 30 * time.Second

// Listen answers requests at the address until ctx is done. It returns when the address
// is taken, and a function that waits for the end.
func Listen(ctx context.Context, l net.Listener, h http.Handler) (wait func() error) {
	server := &http.Server{Handler: h, ReadHeaderTimeout: slowest, ReadTimeout: slowest, WriteTimeout: slowest, MaxHeaderBytes: 1 << 16}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	stop := context.AfterFunc(ctx, func() {
		down, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if server.Shutdown(down) != nil {
			_ = server.Close()
		}
	})
	return func() error {
		defer stop()
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve %s: %w", l.Addr(), err)
		}
		return nil
	}
}
