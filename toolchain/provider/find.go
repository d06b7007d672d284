package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"
)

// slack is how much older than the call, by the cloud's own clock, what it made may seem.
const slack = 2 * time.Second

// leastPatience is how long a look is repeated at least, so that a call is not given up for one refusal.
const leastPatience = 5 * time.Second

type object = map[string]any

// unique are the kinds of which the cloud has one of a name at most: what is found is what was meant.
var unique = regexp.MustCompile(`/(projects|users|groups|roles|domains|os-keypairs|flavors|types|zones|recordsets)$`)

// refused are the kinds besides of which the cloud makes no second one that is alike.
var refused = regexp.MustCompile(`/security-group-rules$`)

// secret are the kinds whose making alone tells the secret.
var secret = regexp.MustCompile(`/(application_credentials|ec2|OS-EC2)$`)

// detailed are the kinds whose list tells only in detail when, and as what, they were made.
var detailed = regexp.MustCompile(`/(servers|volumes|snapshots|flavors)$`)

// codes are those with which services tell that they have made something, where it is not 201.
var codes = []struct {
	kind *regexp.Regexp
	code int
}{
	{regexp.MustCompile(`/(servers|volumes)$`), http.StatusAccepted},
	{regexp.MustCompile(`/(os-[a-z_-]+|flavors|types|encryption|add_router_interface)$`), http.StatusOK},
}

// find looks for what a call may have made; known is false where nobody can tell.
func (t *patient) find(sent *call) (found *http.Response, known bool) {
	switch {
	case strings.HasSuffix(sent.request.URL.Path, "/add_router_interface"):
		return t.findInterface(sent)
	case strings.HasSuffix(sent.request.URL.Path, "/file"):
		return t.findUpload(sent)
	case strings.HasSuffix(sent.request.URL.Path, "/encryption"):
		return t.findEncryption(sent)
	}
	wanted, key := wantedOf(sent.body.text)
	target := sent.request.URL.Path
	query := queryOf(wanted)
	if len(query) == 0 || secret.MatchString(target) || strings.HasSuffix(target, "/action") {
		return nil, false
	}
	listing := target
	if detailed.MatchString(target) {
		listing += "/detail"
	}
	listed, clock, ok := t.get(sent, listing, query)
	if !ok {
		return nil, false
	}
	since := sent.started.Add(clock - slack)
	for _, each := range firstList(listed) {
		if !sameAs(wanted, each) {
			continue
		}
		born, told := bornAt(each)
		if told && born.Before(since.Truncate(time.Second)) {
			continue
		}
		if !told && wanted["name"] != nil && !(unique.MatchString(target) && alike(wanted, each)) {
			return nil, false
		}
		var content any = each
		if key != "" {
			content = object{key: each}
		}
		return made(sent.request, codeOf(target), content), true
	}
	return nil, true
}

// refusedTwice tells whether the cloud refuses to make the same once more.
func (c *call) refusedTwice() bool {
	target := c.request.URL.Path
	if unique.MatchString(target) || refused.MatchString(target) {
		return true
	}
	wanted, key := wantedOf(c.body.text)
	addresses, _ := wanted["fixed_ips"].([]any)
	for _, each := range addresses {
		// A port whose address we chose.
		if address, _ := each.(object); key == "port" && address["ip_address"] != nil {
			return true
		}
	}
	return false
}

// findInterface looks for the port by which a router was joined to a network.
func (t *patient) findInterface(sent *call) (*http.Response, bool) {
	router := path.Base(path.Dir(sent.request.URL.Path))
	ports := path.Join(path.Dir(path.Dir(path.Dir(sent.request.URL.Path))), "ports")
	listed, _, ok := t.get(sent, ports, url.Values{"device_id": {router}})
	if !ok {
		return nil, false
	}
	var wanted object
	_ = json.Unmarshal(sent.body.text, &wanted)
	for _, port := range firstList(listed) {
		addresses, _ := port["fixed_ips"].([]any)
		for _, address := range addresses {
			subnet, _ := address.(object)["subnet_id"].(string)
			if port["id"] == wanted["port_id"] || subnet == wanted["subnet_id"] {
				content := object{"id": router, "port_id": port["id"], "subnet_id": subnet}
				return made(sent.request, http.StatusOK, content), true
			}
		}
	}
	return nil, true
}

// findUpload looks whether an image has its content.
func (t *patient) findUpload(sent *call) (*http.Response, bool) {
	image, _, ok := t.get(sent, path.Dir(sent.request.URL.Path), nil)
	if !ok {
		return nil, false
	}
	if image["status"] == "active" {
		return made(sent.request, http.StatusNoContent, nil), true
	}
	return nil, image["status"] == "queued"
}

// findEncryption looks whether a volume type encrypts; it can do so in one way only.
func (t *patient) findEncryption(sent *call) (*http.Response, bool) {
	encryption, _, ok := t.get(sent, sent.request.URL.Path, nil)
	if ok && encryption["provider"] != nil {
		return made(sent.request, http.StatusOK, object{"encryption": encryption}), true
	}
	return nil, ok
}

// get asks the service something; the clock is how far the cloud's is ahead of ours.
func (t *patient) get(sent *call, target string, query url.Values) (object, time.Duration, bool) {
	request := sent.request.Clone(sent.request.Context())
	request.Method = http.MethodGet
	request.Body, request.ContentLength, request.GetBody = nil, 0, nil
	request.Header.Del("Content-Type")
	request.URL.Path, request.URL.RawPath, request.URL.RawQuery = target, "", query.Encode()
	rest := max(t.patience-time.Since(sent.started), leastPatience)
	response, err := (&patient{t.next, t.services, rest}).RoundTrip(request)
	if err != nil {
		return nil, 0, false
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, 0, false
	}
	var content object
	if err := json.NewDecoder(response.Body).Decode(&content); err != nil {
		return nil, 0, false
	}
	date, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil {
		return content, 0, true
	}
	return content, date.Sub(time.Now()), true
}

// wantedOf returns what a request wants made, and the key that it is under, if it is under one.
func wantedOf(text []byte) (object, string) {
	var content object
	if json.Unmarshal(text, &content) != nil {
		return nil, ""
	}
	for key, value := range content {
		// Besides a server, a request may hold hints for it.
		if inner, nested := value.(object); nested && (len(content) == 1 || key == "server") {
			return inner, key
		}
	}
	return content, ""
}

// queryOf returns by what a list is asked for things like this one: the name, or what it belongs to.
func queryOf(wanted object) url.Values {
	query := url.Values{}
	if name, named := wanted["name"].(string); named && name != "" {
		query.Set("name", name)
		return query
	}
	for key, value := range wanted {
		if text, isText := value.(string); isText && (strings.HasSuffix(key, "_id") || strings.HasSuffix(key, "Id")) {
			query.Set(key, text)
		}
	}
	return query
}

// sameAs tells whether a thing is what was wanted: of that name, or alike in all that was asked for.
func sameAs(wanted, found object) bool {
	if name, named := wanted["name"].(string); named && name != "" {
		return found["name"] == name && (wanted["type"] == nil || found["type"] == nil || found["type"] == wanted["type"])
	}
	return alike(wanted, found)
}

// alike tells whether nothing is known of a thing that is not as it was wanted: somebody else may
// have made one of that name before.
func alike(wanted, found object) bool {
	for key, value := range wanted {
		other := found[key]
		switch value.(type) {
		case string, float64, bool:
			// nova writes a number that is zero as an empty text.
			if fmt.Sprintf("%T", other) == fmt.Sprintf("%T", value) && other != value {
				return false
			}
		}
	}
	return true
}

// bornAt returns when a thing was made.
func bornAt(thing object) (time.Time, bool) {
	for _, key := range []string{"created_at", "created"} {
		text, _ := thing[key].(string)
		if text == "" {
			continue
		}
		for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05.999999"} {
			if at, err := time.Parse(form, text); err == nil {
				return at, true
			}
		}
	}
	return time.Time{}, false
}

// firstList returns the things that an answer lists.
func firstList(content object) []object {
	for key, value := range content {
		entries, isList := value.([]any)
		if !isList || strings.HasSuffix(key, "_links") || key == "links" {
			continue
		}
		listed := make([]object, 0, len(entries))
		for _, entry := range entries {
			thing, isObject := entry.(object)
			if !isObject {
				return nil
			}
			// Key pairs are listed each within an object of its own.
			if inner, nested := thing["keypair"].(object); nested {
				thing = inner
			}
			listed = append(listed, thing)
		}
		return listed
	}
	return nil
}

func codeOf(target string) int {
	for _, each := range codes {
		if each.kind.MatchString(target) {
			return each.code
		}
	}
	return http.StatusCreated
}

// made returns an answer as the cloud would have given it.
func made(request *http.Request, code int, content any) *http.Response {
	text := []byte{}
	if content != nil {
		text, _ = json.Marshal(content)
	}
	return &http.Response{
		Status: http.StatusText(code), StatusCode: code, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Body:          io.NopCloser(bytes.NewReader(text)),
		ContentLength: int64(len(text)), Request: request,
	}
}
