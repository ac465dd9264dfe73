package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"
)

// Connections that come about at a time: nobody's backlog is meant.
const dialling = 50

// hold sends one request over each of so many connections, says "parked" when all of them are on their way, and then waits for the answers:
// how many came, and how long it took from the first to the last of them.
func hold(args []string) {
	p := planOf(args)
	request := p.bytesOverHTTP1()
	connections := make([]net.Conn, p.clients)
	var parking sync.WaitGroup
	turn := make(chan struct{}, dialling)
	for i := range connections {
		turn <- struct{}{}
		parking.Go(func() {
			defer func() { <-turn }()
			connection, err := net.Dial("tcp", p.address)
			if err != nil {
				return
			}
			if _, err := connection.Write(request); err == nil {
				connections[i] = connection
			}
		})
	}
	parking.Wait()
	fmt.Println("parked")
	answered := make([]time.Time, p.clients)
	var answering sync.WaitGroup
	for i, connection := range connections {
		if connection == nil {
			continue
		}
		answering.Go(func() {
			status, err := read(http.ReadResponse(bufio.NewReader(connection), nil))
			if err == nil && status == http.StatusOK {
				answered[i] = time.Now()
			}
			connection.Close()
		})
	}
	answering.Wait()
	came := slices.DeleteFunc(answered, time.Time.IsZero)
	slices.SortFunc(came, time.Time.Compare)
	drained := time.Duration(0)
	if len(came) > 0 {
		drained = came[len(came)-1].Sub(came[0])
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"answered": len(came), "failed": p.clients - len(came), "drainedMs": drained.Seconds() * 1000,
	})
}
