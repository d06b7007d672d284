package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const servers = "/v2.1/servers"

// cloud is a service whose answers are given in their order; the last one stays.
type cloud struct {
	*httptest.Server
	mutex   sync.Mutex
	answers []http.HandlerFunc
	calls   []string
	ids     map[string]bool
}

func newCloud(t *testing.T, answers ...http.HandlerFunc) *cloud {
	t.Helper()
	firstPause = 5 * time.Millisecond
	made := &cloud{answers: answers, ids: map[string]bool{}}
	made.Server = httptest.NewServer(http.HandlerFunc(made.answer))
	t.Cleanup(made.Close)
	return made
}

func (c *cloud) answer(w http.ResponseWriter, r *http.Request) {
	text, _ := io.ReadAll(r.Body)
	c.mutex.Lock()
	c.calls = append(c.calls, strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Method, r.URL, text)))
	c.ids[r.Header.Get(idHeader)] = true
	next := c.answers[0]
	if len(c.answers) > 1 {
		c.answers = c.answers[1:]
	}
	c.mutex.Unlock()
	next(w, r)
}

func (c *cloud) send(patience time.Duration, method, path, body string) (int, string, error) {
	transport := &patient{http.DefaultTransport, &services{known: map[string]*service{}}, patience}
	request, _ := http.NewRequest(method, c.URL+path, strings.NewReader(body))
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(text), nil
}

func says(code int, text string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		fmt.Fprint(w, text)
	}
}

func drops(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func expect(t *testing.T, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func named(name, born string) string {
	return fmt.Sprintf(`{"servers":[{"id":"1","name":%q,"created":%q}]}`, name, born)
}

func TestWhatWasRefusedIsRepeatedWhateverItIs(t *testing.T) {
	c := newCloud(t, says(429, ""), says(503, "", "Retry-After", "1"), says(202, `{"server":{"id":"9"}}`))
	started := time.Now()
	code, text, _ := c.send(time.Minute, "POST", servers, `{"server":{"name":"a"}}`)
	expect(t, code, 202)
	expect(t, text, `{"server":{"id":"9"}}`)
	expect(t, len(c.calls), 3)
	expect(t, c.calls[2], `POST /v2.1/servers {"server":{"name":"a"}}`)
	expect(t, time.Since(started) >= time.Second, true)
	expect(t, len(c.ids), 1)
}

func TestReadingIsRepeatedAfterWhateverHappened(t *testing.T) {
	c := newCloud(t, drops, says(500, ""), says(502, ""), says(503, ""), says(504, ""), says(200, `{}`))
	code, _, _ := c.send(time.Minute, "GET", servers, "")
	expect(t, code, 200)
	expect(t, len(c.calls), 6)
}

func TestSomethingThatWasMadeUnknownToUsIsFound(t *testing.T) {
	for _, first := range []http.HandlerFunc{drops, says(500, "")} {
		c := newCloud(t, first, says(200, named("a", time.Now().UTC().Format(time.RFC3339))))
		code, text, err := c.send(time.Minute, "POST", servers, `{"server":{"name":"a"}}`)
		if err != nil {
			t.Fatal(err)
		}
		var answer map[string]map[string]any
		_ = json.Unmarshal([]byte(text), &answer)
		expect(t, code, 202)
		expect(t, answer["server"]["id"], "1")
		expect(t, c.calls[1:], "[GET /v2.1/servers/detail?name=a]")
	}
}

func TestWhatWasThereBeforeIsNotTakenForIt(t *testing.T) {
	old := named("a", time.Now().Add(-time.Minute).UTC().Format(time.RFC3339))
	c := newCloud(t, says(500, ""), says(200, old), says(202, `{"server":{"id":"2"}}`))
	_, text, _ := c.send(time.Minute, "POST", servers, `{"server":{"name":"a"}}`)
	expect(t, text, `{"server":{"id":"2"}}`)
}

func TestTheCloudsOwnClockTellsWhatIsOld(t *testing.T) {
	ahead := time.Now().Add(time.Hour).UTC()
	before := named("a", ahead.Add(-time.Minute).Format(time.RFC3339))
	c := newCloud(t, says(500, ""), says(200, before, "Date", ahead.Format(http.TimeFormat)), says(202, `{}`))
	_, text, _ := c.send(time.Minute, "POST", servers, `{"server":{"name":"a"}}`)
	expect(t, text, `{}`)
}

func TestWhatMayStillBeUnderWayIsNotMadeTwice(t *testing.T) {
	c := newCloud(t, drops, says(200, `{"servers":[]}`))
	_, _, err := c.send(time.Minute, "POST", servers, `{"server":{"name":"a"}}`)
	expect(t, strings.Contains(err.Error(), "no answer to POST "+c.URL+servers+" (request req-"), true)
	look := "GET /v2.1/servers/detail?name=a"
	expect(t, c.calls[1:], []string{look, look, look})
}

func TestWhatTheCloudRefusesToMakeTwiceIsTriedAgain(t *testing.T) {
	none := says(200, `{"ports":[]}`)
	c := newCloud(t, drops, none, none, none, says(201, `{"port":{"id":"3"}}`))
	body := `{"port":{"name":"a","fixed_ips":[{"ip_address":"10.0.0.1"}]}}`
	code, _, _ := c.send(time.Minute, "POST", "/v2.0/ports", body)
	expect(t, code, 201)
}

func TestSomethingWithoutANameIsFoundByWhatItBelongsTo(t *testing.T) {
	rule := `{"security_group_id":"g","direction":"ingress","protocol":"tcp","port_range_min":22}`
	found := `{"security_group_rules":[` + strings.Replace(rule, "22", "80", 1) + "," +
		strings.Replace(rule, "{", `{"id":"7",`, 1) + `]}`
	c := newCloud(t, says(502, ""), says(200, found))
	code, text, _ := c.send(time.Minute, "POST", "/v2.0/security-group-rules", `{"security_group_rule":`+rule+`}`)
	expect(t, code, 201)
	expect(t, strings.Contains(text, `"id":"7"`), true)
	expect(t, c.calls[1], "GET /v2.0/security-group-rules?security_group_id=g")
}

func TestSomethingOfThatNameThatIsDifferentIsSomebodyElses(t *testing.T) {
	wanted := `{"project":{"name":"a","description":"ours","enabled":true}}`
	ours, theirs := `{"id":"1","name":"a","description":"ours"}`, `{"id":"2","name":"a","description":"theirs"}`
	for listed, code := range map[string]int{ours: 201, theirs: 500} {
		c := newCloud(t, says(500, ""), says(200, `{"projects":[`+listed+`]}`))
		got, _, _ := c.send(time.Minute, "POST", "/v3/projects", wanted)
		expect(t, got, code)
	}
}

func TestAnActionIsNotRepeatedUnlessItWasRefused(t *testing.T) {
	c := newCloud(t, says(500, "broken"))
	code, text, _ := c.send(time.Minute, "POST", servers+"/1/action", `{"os-start":null}`)
	expect(t, code, 500)
	expect(t, text, "broken")
	expect(t, len(c.calls), 1)
}

func TestADeletionThatWasDoneBeforeHasSucceeded(t *testing.T) {
	c := newCloud(t, drops, says(404, ""))
	code, _, _ := c.send(time.Minute, "DELETE", servers+"/1", "")
	expect(t, code, 204)
}

func TestARouterThatWasJoinedUnknownToUsIsFound(t *testing.T) {
	ports := `{"ports":[{"id":"p","fixed_ips":[{"subnet_id":"s"}]}]}`
	c := newCloud(t, drops, says(200, ports))
	code, text, _ := c.send(time.Minute, "PUT", "/v2.0/routers/r/add_router_interface", `{"subnet_id":"s"}`)
	expect(t, code, 200)
	expect(t, text, `{"id":"r","port_id":"p","subnet_id":"s"}`)
	expect(t, c.calls[1], "GET /v2.0/ports?device_id=r")
}

func TestConflictsAreWaitedForUnlessTheyLast(t *testing.T) {
	c := newCloud(t, says(409, "busy"), says(409, "busy"), says(201, "{}"))
	code, _, _ := c.send(time.Minute, "POST", "/v2.0/networks", `{"network":{"name":"a"}}`)
	expect(t, code, 201)
	c = newCloud(t, says(409, "Quota exceeded"))
	code, _, _ = c.send(time.Minute, "POST", "/v2.0/networks", `{"network":{"name":"a"}}`)
	expect(t, code, 409)
	expect(t, len(c.calls), 1)
}

func TestPatienceEndsAndTheLastAnswerSaysWhatToAskFor(t *testing.T) {
	c := newCloud(t, says(503, "", "X-Openstack-Request-Id", "req-1"))
	transport := &patient{http.DefaultTransport, &services{known: map[string]*service{}}, 100 * time.Millisecond}
	request, _ := http.NewRequest("GET", c.URL+servers, nil)
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, response.StatusCode, 503)
	trace := response.Header.Get(traceHeader)
	expect(t, strings.HasPrefix(trace, "request req-1, tried "), true)
	expect(t, strings.HasSuffix(trace, ", until patience ended"), true)
}

func TestAServiceThatRefusesGetsLessAndRecovers(t *testing.T) {
	s := newService()
	refusal := answer{response: &http.Response{StatusCode: 429, Header: http.Header{}}}
	fine := answer{response: &http.Response{StatusCode: 200, Header: http.Header{}}}
	for range 5 {
		_ = s.enter(context.Background())
		s.leave(refusal)
	}
	expect(t, s.bears, 8.0) // those refused together count once
	for range 5 {
		s.cut = time.Time{}
		_ = s.enter(context.Background())
		s.leave(refusal)
	}
	expect(t, s.bears, 1.0)
	for range 2000 {
		_ = s.enter(context.Background())
		s.leave(fine)
	}
	expect(t, s.bears, float64(mostCalls))
}

func TestNoMoreCallsAreUnderWayThanAServiceBears(t *testing.T) {
	s := newService()
	s.bears = 3
	var now, most atomic.Int64
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			_ = s.enter(context.Background())
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(time.Millisecond)
			now.Add(-1)
			s.leave(answer{err: errors.New("none")})
		})
	}
	all.Wait()
	expect(t, most.Load(), 3)
}

func TestWhoWaitsForAServiceCanGiveUp(t *testing.T) {
	s := newService()
	s.until = time.Now().Add(time.Hour)
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(10*time.Millisecond, cancel)
	expect(t, s.enter(ctx), context.Canceled)
}

func TestServicesAreToldApartByPortAndByPath(t *testing.T) {
	known := &services{known: map[string]*service{}}
	of := func(url string) *service {
		request, _ := http.NewRequest("GET", url, nil)
		return known.of(request)
	}
	expect(t, of("http://c:1/v2.1/x") == of("http://c:1/v3/y"), true)
	expect(t, of("http://c:1/v2.1/x") == of("http://c:2/v2.1/x"), false)
	expect(t, of("http://c/compute/v2.1") == of("http://c/network/v2.0"), false)
}
