// The other programs of the bench of the activator's data path: a pod, a bare reverse proxy, and load.
package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"sync"
)

func main() {
	switch os.Args[1] {
	case "pod":
		serve(http.HandlerFunc(answer))
	case "proxy":
		serve(proxyTo(os.Args[2]))
	case "load":
		load(os.Args[2:])
	case "hold":
		hold(os.Args[2:])
	}
}

// serve listens where PORT says, or on any free port of the loopback interface, and prints the port.
func serve(handler http.Handler) {
	address := "127.0.0.1:0"
	if port := os.Getenv("PORT"); port != "" {
		address = ":" + port
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	panic((&http.Server{Handler: handler, Protocols: both()}).Serve(listener))
}

// both are HTTP/1.1 and HTTP/2 by prior knowledge.
func both() *http.Protocols {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	return protocols
}

// The longest answer that is asked for.
var page = bytes.Repeat([]byte("x"), 1<<20)

// answer reads all and sends as many bytes as ?bytes= says, or 1024.
func answer(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return
	}
	size, err := strconv.Atoi(r.URL.Query().Get("bytes"))
	if err != nil {
		size = 1024
	}
	w.Header().Set("Content-Length", strconv.Itoa(size))
	w.Write(page[:size])
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
	// As Knative does: what came over HTTP/2 goes on over HTTP/2.
	http2 := transport.Clone()
	http2.Protocols = new(http.Protocols)
	http2.Protocols.SetUnencryptedHTTP2(true)
	return &httputil.ReverseProxy{
		Director: func(r *http.Request) {
			r.URL.Scheme, r.URL.Host = to.Scheme, to.Host
			r.Header.Set("K-Original-Host", r.Host)
			r.Header.Set("K-Proxy-Request", "activator")
			r.Header.Del("Knative-Serving-Revision")
			r.Header.Del("Knative-Serving-Namespace")
			r.Host = ""
		},
		Transport: alike(func(r *http.Request) (*http.Response, error) {
			if r.ProtoMajor == 2 {
				return http2.RoundTrip(r)
			}
			return transport.RoundTrip(r)
		}),
		BufferPool: new(buffers),
	}
}

type alike func(*http.Request) (*http.Response, error)

func (a alike) RoundTrip(r *http.Request) (*http.Response, error) { return a(r) }

type buffers struct{ pool sync.Pool }

func (b *buffers) Get() []byte {
	if held, ok := b.pool.Get().(*[]byte); ok {
		return *held
	}
	return make([]byte, 32*1024)
}

func (b *buffers) Put(buffer []byte) { b.pool.Put(&buffer) }
