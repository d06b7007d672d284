package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	// patienceVariable says for how many seconds a call that fails is repeated.
	patienceVariable = "GOVSTACK_PATIENCE_SECONDS"
	usualPatience    = 120 * time.Second

	// longestAnswer is how long one attempt may wait for its answer to begin, however small patience is.
	longestAnswer = 60 * time.Second

	longestPause = 8 * time.Second
	// conflicts is how often a call is repeated that the cloud refuses because something else is under way.
	conflicts = 4
	// looks is how often a thing is looked for whose making got no answer: it may still be under way.
	looks = 3

	idHeader = "X-Openstack-Request-Id"
	// traceHeader tells the provider's messages how often a call was tried.
	traceHeader = "X-Govstack-Trace"
)

// firstPause is how long the first pause between two attempts is, about; later ones grow.
var firstPause = 300 * time.Millisecond

// lasting are the conflicts that no waiting resolves.
var lasting = regexp.MustCompile(`(?i)quota|already|duplicate|in use|inuse`)

// patient is a transport that repeats what failed in passing, if that cannot do anything twice.
//
// What the cloud refused to begin (429, 503 with Retry-After) is repeated whatever it was. What may
// have been carried out is repeated if a second time changes nothing. A thing that may have been
// made is looked for first: see find.
type patient struct {
	next     http.RoundTripper
	services *services
	patience time.Duration
}

// newPatient returns a patient transport on top of an ordinary one.
func newPatient(base *http.Transport) http.RoundTripper {
	patience := usualPatience
	if seconds, err := strconv.Atoi(os.Getenv(patienceVariable)); err == nil && seconds > 0 {
		patience = time.Duration(seconds) * time.Second
	}
	base.ResponseHeaderTimeout = longestAnswer
	base.MaxIdleConnsPerHost = mostCalls
	return &patient{base, allServices, patience}
}

// answer is what one attempt brought: a response, or none.
type answer struct {
	response *http.Response
	err      error
}

// is tells whether the cloud answered with one of these codes.
func (a answer) is(codes ...int) bool {
	for _, code := range codes {
		if a.err == nil && a.response.StatusCode == code {
			return true
		}
	}
	return false
}

// failed tells whether the attempt failed in a way that may pass.
func (a answer) failed() bool {
	return a.err != nil || a.is(http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout)
}

// undone tells whether the cloud cannot have begun to carry the call out.
func (a answer) undone() bool {
	var dial *net.OpError
	if a.err != nil {
		return errors.As(a.err, &dial) && dial.Op == "dial"
	}
	return a.is(http.StatusTooManyRequests) || a.is(http.StatusServiceUnavailable) && a.after() > 0
}

// ended tells whether the service itself said that it is through with the call.
func (a answer) ended() bool {
	return a.is(http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable)
}

// after returns how long the cloud asks to be left alone.
func (a answer) after() time.Duration {
	if a.err != nil {
		return 0
	}
	said := a.response.Header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(said, 10, 16); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := time.Parse(http.TimeFormat, said); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

// call is one request with all its attempts.
type call struct {
	request  *http.Request
	body     body
	id       string
	started  time.Time
	attempts int
	// uncertain is set once an attempt may have been carried out without our being told.
	uncertain bool
	conflicts int
	looks     int
	// worn is set once patience has ended.
	worn bool
}

// RoundTrip sends a request until it is answered, or patience ends.
func (t *patient) RoundTrip(request *http.Request) (*http.Response, error) {
	sent := &call{request: request, body: newBody(request), id: newRequestID(), started: time.Now()}
	defer sent.body.close()
	for {
		got := t.attempt(sent)
		pause, again := t.consider(sent, &got)
		if !again || !sent.body.rewind() {
			return t.end(sent, got)
		}
		if time.Since(sent.started)+pause > t.patience {
			sent.worn = true
			return t.end(sent, got)
		}
		if got.err == nil {
			got.response.Body.Close()
		}
		if !sleep(request.Context(), pause) {
			return nil, context.Cause(request.Context())
		}
	}
}

// consider decides whether to try again, and after what pause; it may put another answer in place.
func (t *patient) consider(sent *call, got *answer) (time.Duration, bool) {
	pause := pauseBefore(sent.attempts + 1)
	if sent.request.Context().Err() != nil {
		return 0, false
	}
	if got.is(http.StatusConflict) {
		return pause, t.conflicted(sent, got)
	}
	if !got.failed() {
		if sent.uncertain {
			t.correct(sent, got)
		}
		return 0, false
	}
	if got.undone() {
		return max(pause, got.after()), true
	}
	sent.uncertain = true
	if !sent.makes() {
		return pause, sent.repeats()
	}
	found, known := t.find(sent)
	if found != nil {
		*got = answer{response: found}
		return 0, false
	}
	if got.ended() {
		return pause, known
	}
	sent.looks++
	for known && sent.looks < looks {
		if !sleep(sent.request.Context(), pauseBefore(sent.looks+2)) {
			return 0, false
		}
		sent.looks++
		if found, known = t.find(sent); found != nil {
			*got = answer{response: found}
			return 0, false
		}
	}
	// The cloud itself refuses to make these twice, so the worst is a refusal.
	return pause, known && sent.refusedTwice()
}

// conflicted tells whether a call that met a conflict is worth another attempt.
func (t *patient) conflicted(sent *call, got *answer) bool {
	if sent.uncertain && sent.makes() {
		if found, _ := t.find(sent); found != nil {
			*got = answer{response: found}
			return false
		}
	}
	sent.conflicts++
	return sent.conflicts <= conflicts && !lasting.MatchString(textOf(got.response))
}

// correct puts the answer right that a call gets whose first attempt was carried out unknown to us.
func (t *patient) correct(sent *call, got *answer) {
	if sent.request.Method == http.MethodDelete && got.is(http.StatusNotFound) {
		got.response = made(sent.request, http.StatusNoContent, nil)
	}
	if got.is(http.StatusBadRequest) && sent.makes() {
		if found, _ := t.find(sent); found != nil {
			*got = answer{response: found}
		}
	}
}

// attempt sends the request once, as soon as its service lets it.
func (t *patient) attempt(sent *call) answer {
	service := t.services.of(sent.request)
	if err := service.enter(sent.request.Context()); err != nil {
		return answer{err: err}
	}
	sent.attempts++
	request := sent.request.Clone(sent.request.Context())
	request.Header.Set(idHeader, sent.id)
	request.Body = sent.body.reader()
	response, err := t.next.RoundTrip(request)
	got := answer{response, err}
	if err == nil {
		got.err = hold(response)
	}
	service.leave(got)
	return got
}

// end returns what came of a call, with what one needs to ask the cloud's operator about it.
func (t *patient) end(sent *call, got answer) (*http.Response, error) {
	spent := time.Since(sent.started).Round(time.Second)
	if got.err != nil {
		return nil, fmt.Errorf("no answer to %s %s (request %s, %s): %w",
			sent.request.Method, sent.request.URL, sent.id, sent.trials(spent), got.err)
	}
	id := got.response.Header.Get(idHeader)
	if id == "" {
		id = got.response.Header.Get("X-Compute-Request-Id")
	}
	if id == "" {
		id = sent.id
	}
	got.response.Header.Set(traceHeader, fmt.Sprintf("request %s, %s", id, sent.trials(spent)))
	return got.response, nil
}

// trials says how often a call was tried, and whether it was for as long as it may be.
func (c *call) trials(spent time.Duration) string {
	if c.attempts == 1 {
		return "tried once"
	}
	said := fmt.Sprintf("tried %d times in %s", c.attempts, spent)
	if c.worn {
		said += ", until patience ended"
	}
	return said
}

// repeats tells whether the call may be carried out twice without harm.
func (c *call) repeats() bool {
	if c.request.Method != http.MethodPost {
		return true
	}
	// Whoever asks for a token twice has two; an object store takes POST as an update.
	path := c.request.URL.Path
	return strings.HasSuffix(path, "/auth/tokens") || !c.body.isJSON
}

// makes tells whether the call makes something that a second one would make again.
func (c *call) makes() bool {
	path := c.request.URL.Path
	if c.request.Method == http.MethodPut {
		return strings.HasSuffix(path, "/add_router_interface") || strings.HasSuffix(path, "/file")
	}
	return c.request.Method == http.MethodPost && !c.repeats()
}

// pauseBefore returns how long to wait before an attempt: longer each time, and never as long as others.
func pauseBefore(attempt int) time.Duration {
	grown := float64(firstPause) * math.Pow(2, float64(attempt-2))
	whole := min(grown, float64(longestPause))
	return time.Duration(whole * (0.5 + mathrand.Float64()/2))
}

// sleep waits, and tells whether the call is still wanted then.
func sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// hold reads an answer to its end where it is a text: one that breaks off is none.
func hold(response *http.Response) error {
	kind := response.Header.Get("Content-Type")
	if !strings.Contains(kind, "json") && response.StatusCode < http.StatusBadRequest {
		return nil
	}
	content, err := io.ReadAll(response.Body)
	response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(content))
	return err
}

// textOf returns the text of an answer that is held, and leaves it there.
func textOf(response *http.Response) string {
	content, _ := io.ReadAll(response.Body)
	response.Body = io.NopCloser(bytes.NewReader(content))
	return string(content)
}

// newRequestID returns an id that the services write into their logs, also of calls that they never answer.
func newRequestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("req-%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
