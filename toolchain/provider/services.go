package main

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

const (
	// mostCalls is how many calls to one service may be under way; the engine makes no more anyway.
	mostCalls = 32
	// firstCalls is how many may be at the beginning.
	firstCalls = 16
	// between is how long calls that were under way together count as one when they are refused.
	between = time.Second
)

// allServices are those of this process: one stack and one user of the cloud.
var allServices = &services{known: map[string]*service{}}

var versionPath = regexp.MustCompile(`^v\d`)

// services limits how many calls each service of the cloud gets at once, by what it bears.
type services struct {
	mutex sync.Mutex
	known map[string]*service
}

// of returns the service that a request goes to: a port, or a path where all share one.
func (s *services) of(request *http.Request) *service {
	name := request.URL.Host
	first, _, _ := strings.Cut(strings.TrimPrefix(request.URL.Path, "/"), "/")
	if !versionPath.MatchString(first) {
		name += "/" + first
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.known[name] == nil {
		s.known[name] = newService()
	}
	return s.known[name]
}

// service is one of the cloud's services: how many calls it bears, and how many are under way.
//
// A refusal (429, 503) halves what it gets; each call that succeeds adds a little. So many processes
// that know nothing of each other come to share what the service bears.
type service struct {
	mutex    sync.Mutex
	changed  *sync.Cond
	bears    float64
	underWay int
	until    time.Time
	cut      time.Time
}

func newService() *service {
	made := &service{bears: firstCalls}
	made.changed = sync.NewCond(&made.mutex)
	return made
}

// enter waits until the service can be asked.
func (s *service) enter(ctx context.Context) error {
	stop := context.AfterFunc(ctx, s.wake)
	defer stop()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for s.underWay >= int(s.bears) || time.Now().Before(s.until) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		s.changed.Wait()
	}
	s.underWay++
	return nil
}

// leave takes note of how a call ended.
func (s *service) leave(got answer) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.underWay--
	if got.is(http.StatusTooManyRequests, http.StatusServiceUnavailable) {
		s.refused(got.after())
	} else if !got.failed() {
		s.bears = min(mostCalls, s.bears+1/s.bears)
	}
	s.changed.Broadcast()
}

func (s *service) refused(pause time.Duration) {
	now := time.Now()
	if now.Sub(s.cut) > between {
		s.cut = now
		s.bears = max(1, s.bears/2)
	}
	if until := now.Add(pause); pause > 0 && until.After(s.until) {
		s.until = until
		time.AfterFunc(pause, s.wake)
	}
}

func (s *service) wake() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.changed.Broadcast()
}
