package main

import (
	"bytes"
	"io"
	"net/http"
	"strings"
)

// body is what a request carries, to be sent as often as it takes.
type body struct {
	given  io.ReadCloser
	text   []byte
	isJSON bool
	// sent is set where the body can be read only once, and was.
	sent *bool
}

// newBody takes the body of a request: texts are kept, files are wound back.
func newBody(request *http.Request) body {
	if request.Body == nil || request.Body == http.NoBody {
		return body{sent: new(bool)}
	}
	taken := body{given: request.Body, sent: new(bool)}
	if strings.Contains(request.Header.Get("Content-Type"), "json") {
		taken.isJSON = true
		taken.text, _ = io.ReadAll(request.Body)
	}
	return taken
}

func (b body) reader() io.ReadCloser {
	if b.given == nil {
		return http.NoBody
	}
	if b.isJSON {
		return io.NopCloser(bytes.NewReader(b.text))
	}
	*b.sent = true
	// The transport closes what it has sent; it may have to be sent again.
	return io.NopCloser(b.given)
}

// rewind tells whether the body can be sent again, and sees to it.
func (b body) rewind() bool {
	if b.given == nil || b.isJSON || !*b.sent {
		return true
	}
	file, winds := b.given.(io.Seeker)
	if !winds {
		return false
	}
	_, err := file.Seek(0, io.SeekStart)
	return err == nil
}

func (b body) close() {
	if b.given != nil {
		b.given.Close()
	}
}
