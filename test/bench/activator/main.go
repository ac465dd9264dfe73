// The other programs of the bench of the activator's data path: a pod, a bare reverse proxy, and load.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"
)

func main() {
	switch os.Args[1] {
	case "pod":
		serve(http.HandlerFunc(answer))
	case "proxy":
		serve(proxyTo(os.Args[2]))
	case "load":
		load(os.Args[2], number(3), time.Duration(number(4))*time.Millisecond, number(5))
	}
}

func number(at int) int {
	n, err := strconv.Atoi(os.Args[at])
	if err != nil {
		panic(err)
	}
	return n
}

// serve listens on any free port of the loopback interface and prints it.
func serve(handler http.Handler) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	panic((&http.Server{Handler: handler, Protocols: protocols}).Serve(listener))
}

var page = bytes.Repeat([]byte("x"), 1024)

func answer(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(page)))
	w.Write(page)
}

// A proxy as Knative's activator has inside, with its pool of buffers, and nothing else.
func proxyTo(target string) http.Handler {
	to, err := url.Parse(target)
	if err != nil {
		panic(err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns = 1000
	transport.MaxIdleConnsPerHost = 1000
	transport.DisableCompression = true
	return &httputil.ReverseProxy{
		Director: func(r *http.Request) {
			r.URL.Scheme, r.URL.Host = to.Scheme, to.Host
			r.Header.Set("K-Original-Host", r.Host)
			r.Header.Set("K-Proxy-Request", "activator")
			r.Header.Del("Knative-Serving-Revision")
			r.Header.Del("Knative-Serving-Namespace")
			r.Host = ""
		},
		Transport:  transport,
		BufferPool: new(buffers),
	}
}

type buffers struct{ pool sync.Pool }

func (b *buffers) Get() []byte {
	if held, ok := b.pool.Get().(*[]byte); ok {
		return *held
	}
	return make([]byte, 32*1024)
}

func (b *buffers) Put(buffer []byte) { b.pool.Put(&buffer) }

// load keeps connections busy, each with one request at a time, and prints what came of it.
func load(address string, connections int, lasting time.Duration, body int) {
	var request bytes.Buffer
	method := "GET"
	if body > 0 {
		method = "POST"
	}
	fmt.Fprintf(&request, "%s /some/path?with=query HTTP/1.1\r\nHost: app.example.com\r\n", method)
	request.WriteString("Knative-Serving-Revision: rev\r\nKnative-Serving-Namespace: ns\r\nUser-Agent: load\r\nAccept: */*\r\n")
	request.WriteString("X-Request-Id: 0123456789abcdef\r\nX-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Proto: http\r\n")
	if body > 0 {
		fmt.Fprintf(&request, "Content-Length: %d\r\n", body)
	}
	request.WriteString("\r\n")
	request.Write(bytes.Repeat([]byte("y"), body))

	start := time.Now()
	end := start.Add(lasting)
	results := make([][]time.Duration, connections)
	errors := make([]int, connections)
	var group sync.WaitGroup
	for i := range connections {
		group.Go(func() { results[i], errors[i] = keepAsking(address, request.Bytes(), end) })
	}
	group.Wait()
	took := time.Since(start)
	all := slices.Concat(results...)
	slices.Sort(all)
	failed := 0
	for _, n := range errors {
		failed += n
	}
	micros := func(part float64) float64 {
		if len(all) == 0 {
			return 0
		}
		return float64(all[int(part*float64(len(all)-1))].Nanoseconds()) / 1000
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"requests": len(all), "failed": failed, "perSecond": float64(len(all)) / took.Seconds(),
		"p50": micros(0.5), "p99": micros(0.99),
	})
}

func keepAsking(address string, request []byte, end time.Time) (took []time.Duration, failed int) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return nil, 1
	}
	defer connection.Close()
	reader := bufio.NewReader(connection)
	for now := time.Now(); now.Before(end); {
		if _, err := connection.Write(request); err != nil {
			return took, failed + 1
		}
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			return took, failed + 1
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			return took, failed + 1
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			failed++
		}
		next := time.Now()
		took = append(took, next.Sub(now))
		now = next
	}
	return took, failed
}
