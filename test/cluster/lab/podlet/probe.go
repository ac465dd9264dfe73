package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// port resolves a named port.
func (w *worker) port(c *ctr, p intstr.IntOrString) int {
	if p.Type == intstr.Int {
		return int(p.IntVal)
	}
	for _, cp := range c.spec.Ports {
		if cp.Name == p.StrVal {
			return int(cp.ContainerPort)
		}
	}
	return 0
}

func (w *worker) url(c *ctr, g *v1.HTTPGetAction) string {
	s := "http"
	if g.Scheme == v1.URISchemeHTTPS {
		s = "https"
	}
	h := g.Host
	if h == "" {
		h = w.sb.ip
	}
	return fmt.Sprintf("%s://%s:%d/%s", s, h, w.port(c, g.Port), strings.TrimPrefix(g.Path, "/"))
}

var probeClient = &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}

// probeOnce asks the readiness probe once.
func (w *worker) probeOnce(c *ctr) bool {
	pr := c.spec.ReadinessProbe
	to := time.Duration(max(pr.TimeoutSeconds, 1)) * time.Second
	switch {
	case pr.HTTPGet != nil:
		ctx, cancel := context.WithTimeout(context.Background(), to)
		defer cancel()
		req, _ := http.NewRequestWithContext(ctx, "GET", w.url(c, pr.HTTPGet), nil)
		req.Header.Set("User-Agent", "kube-probe/1.36")
		for _, h := range pr.HTTPGet.HTTPHeaders {
			if h.Name == "Host" {
				req.Host = h.Value
			}
			req.Header.Set(h.Name, h.Value)
		}
		r, err := probeClient.Do(req)
		if err != nil {
			return false
		}
		r.Body.Close()
		return r.StatusCode >= 200 && r.StatusCode < 400
	case pr.TCPSocket != nil:
		k, err := net.DialTimeout("tcp", fmt.Sprintf("%s:%d", w.sb.ip, w.port(c, pr.TCPSocket.Port)), to)
		if err != nil {
			return false
		}
		k.Close()
	}
	return true
}

// probe: first tries at once and every 100 ms until ready, then every periodSeconds (a kubelet would retry every periodSeconds).
func (w *worker) probe(ctx context.Context, c *ctr) {
	fails := int32(0)
	for ctx.Err() == nil {
		w.mu.Lock()
		run, was := c.running, c.ready
		w.mu.Unlock()
		next := 20 * time.Millisecond
		if run {
			ok := c.spec.ReadinessProbe == nil || w.probeOnce(c)
			next = 100 * time.Millisecond
			if ok {
				fails = 0
				next = time.Second
				if pr := c.spec.ReadinessProbe; pr != nil && pr.PeriodSeconds > 0 {
					next = time.Duration(pr.PeriodSeconds) * time.Second
				}
			} else if was {
				fails++
				next = time.Second
				if pr := c.spec.ReadinessProbe; fails < pr.FailureThreshold {
					ok = true
				}
			}
			w.mu.Lock()
			ok = ok && c.running
			ch := c.ready != ok
			c.ready = ok
			w.mu.Unlock()
			if ch {
				w.mark()
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(next):
		}
	}
}
