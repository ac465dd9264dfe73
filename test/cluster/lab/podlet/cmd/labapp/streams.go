package main

import (
	"encoding/binary"
	"io"
	"net/http"
	"strconv"

	"golang.org/x/net/websocket"
)

// echoMessages answers every message with itself. It looks at no Origin: its clients are no browsers.
var echoMessages = websocket.Server{Handler: func(socket *websocket.Conn) {
	for {
		var message string
		if websocket.Message.Receive(socket, &message) != nil || websocket.Message.Send(socket, message) != nil {
			return
		}
	}
}}

// echoCalls answers every message of a call with itself, as soon as it is there.
func echoCalls(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/grpc")
	flusher := http.NewResponseController(w)
	if flusher.Flush() != nil {
		return
	}
	count := 0
	for ; copyFrame(w, r.Body); count++ {
		if flusher.Flush() != nil {
			return
		}
	}
	w.Header().Set(http.TrailerPrefix+"Echoed", strconv.Itoa(count))
	w.Header().Set(http.TrailerPrefix+"Grpc-Status", "0")
}

// copyFrame hands on one length-prefixed message; false at the end of the call.
func copyFrame(to io.Writer, from io.Reader) bool {
	head := make([]byte, 5)
	if _, err := io.ReadFull(from, head); err != nil {
		return false
	}
	if _, err := to.Write(head); err != nil {
		return false
	}
	length := int64(binary.BigEndian.Uint32(head[1:]))
	_, err := io.CopyN(to, from, length)
	return err == nil
}
