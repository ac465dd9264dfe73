package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// plan is the load of one run.
type plan struct {
	address, namespace, revision string
	// Each has one request at a time.
	clients int
	lasting time.Duration
	// Bytes of the request's body, and of the answer's.
	body, answer int
	http2        bool
	// Requests a second of all clients together; 0: as many as they can.
	rate float64
}

func planOf(args []string) plan {
	var p plan
	flags := flag.NewFlagSet("load", flag.ExitOnError)
	flags.StringVar(&p.address, "address", "", "host and port")
	flags.StringVar(&p.namespace, "namespace", "ns", "of the revision")
	flags.StringVar(&p.revision, "revision", "rev", "that is asked for")
	flags.IntVar(&p.clients, "clients", 1, "that have one request at a time each")
	flags.DurationVar(&p.lasting, "lasting", time.Second, "how long they ask")
	flags.IntVar(&p.body, "body", 0, "bytes of the request's body")
	flags.IntVar(&p.answer, "answer", 1024, "bytes of the answer's body")
	flags.BoolVar(&p.http2, "http2", false, "HTTP/2 by prior knowledge")
	flags.Float64Var(&p.rate, "rate", 0, "requests a second in all; 0: as many as there can be")
	flags.Parse(args)
	return p
}

// asker sends one request and reads its answer: its status.
type asker func() (int, error)

// Streams of one connection of HTTP/2, as a gateway's worker has them.
const streamsEach = 100

// askers makes one for each client, and what closes them.
func (p plan) askers() ([]asker, func()) {
	var all []asker
	var close []func()
	for len(all) < p.clients {
		if p.http2 {
			client := &http.Transport{Protocols: new(http.Protocols)}
			client.Protocols.SetUnencryptedHTTP2(true)
			close = append(close, client.CloseIdleConnections)
			for i := 0; i < streamsEach && len(all) < p.clients; i++ {
				all = append(all, p.overHTTP2(client))
			}
			continue
		}
		connection, err := net.Dial("tcp", p.address)
		if err != nil {
			all = append(all, func() (int, error) { return 0, err })
			continue
		}
		close = append(close, func() { connection.Close() })
		all = append(all, p.overHTTP1(connection))
	}
	return all, func() {
		for _, each := range close {
			each()
		}
	}
}

func (p plan) path() string { return fmt.Sprintf("/some/path?bytes=%d", p.answer) }

func (p plan) method() string {
	if p.body > 0 {
		return "POST"
	}
	return "GET"
}

// What a gateway sends beside Host.
func (p plan) header() http.Header {
	return http.Header{
		"Accept":                    {"*/*"},
		"Knative-Serving-Namespace": {p.namespace},
		"Knative-Serving-Revision":  {p.revision},
		"User-Agent":                {"load"},
		"X-Forwarded-For":           {"10.0.0.1"},
		"X-Forwarded-Proto":         {"http"},
		"X-Request-Id":              {"0123456789abcdef"},
	}
}

func (p plan) bytesOverHTTP1() []byte {
	var request bytes.Buffer
	fmt.Fprintf(&request, "%s %s HTTP/1.1\r\nHost: app.example.com\r\n", p.method(), p.path())
	p.header().Write(&request)
	if p.body > 0 {
		fmt.Fprintf(&request, "Content-Length: %d\r\n", p.body)
	}
	request.WriteString("\r\n")
	request.Write(bytes.Repeat([]byte("y"), p.body))
	return request.Bytes()
}

func (p plan) overHTTP1(connection net.Conn) asker {
	request := p.bytesOverHTTP1()
	reader := bufio.NewReader(connection)
	return func() (int, error) {
		if _, err := connection.Write(request); err != nil {
			return 0, err
		}
		return read(http.ReadResponse(reader, nil))
	}
}

func (p plan) overHTTP2(client *http.Transport) asker {
	body := strings.Repeat("y", p.body)
	return func() (int, error) {
		request, err := http.NewRequest(p.method(), "http://"+p.address+p.path(), strings.NewReader(body))
		if err != nil {
			return 0, err
		}
		request.Host = "app.example.com"
		request.Header = p.header()
		return read(client.RoundTrip(request))
	}
}

func read(response *http.Response, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}

// load keeps the clients busy and prints what came of it.
func load(args []string) {
	p := planOf(args)
	askers, close := p.askers()
	defer close()
	start := time.Now()
	results := make([][]time.Duration, p.clients)
	failures := make([]int, p.clients)
	var group sync.WaitGroup
	for i, ask := range askers {
		group.Go(func() { results[i], failures[i] = p.keepAsking(ask, i, start) })
	}
	group.Wait()
	took := time.Since(start)
	all := slices.Concat(results...)
	slices.Sort(all)
	failed := 0
	for _, n := range failures {
		failed += n
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"requests": len(all), "failed": failed, "perSecond": float64(len(all)) / took.Seconds(),
		"p50": micros(all, 0.5), "p99": micros(all, 0.99),
	})
}

// micros is a quantile of sorted times.
func micros(sorted []time.Duration, part float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return float64(sorted[int(part*float64(len(sorted)-1))].Nanoseconds()) / 1000
}

// keepAsking sends one request after another, or each at its time: then it is counted from that time, so that one that had to wait for
// the one before it is not told as quick.
func (p plan) keepAsking(ask asker, place int, start time.Time) (took []time.Duration, failed int) {
	due := start
	end := start.Add(p.lasting)
	for nth := 0; ; nth++ {
		if p.rate > 0 {
			due = start.Add(time.Duration(float64(nth*p.clients+place) / p.rate * float64(time.Second)))
			if due.Before(end) {
				time.Sleep(time.Until(due))
			}
		}
		if !due.Before(end) {
			return took, failed
		}
		status, err := ask()
		if err != nil {
			return took, failed + 1
		}
		if status != http.StatusOK {
			failed++
		}
		now := time.Now()
		took = append(took, now.Sub(due))
		if p.rate == 0 {
			due = now
		}
	}
}
