package load

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/partnerplus/warehouse/sql"
)

// ending is how long the server may take to hear that a statement is given up.
const ending = time.Second

// ender has the server end the statements whose answer is not waited for any more, because the run was interrupted or the
// connection broke. Else the server would compute on for minutes, for nobody, and beside the next attempt.
type ender struct {
	pending sync.WaitGroup
}

// over is the ender around a connection's transport.
func (e *ender) over(t *http.Transport) (http.RoundTripper, error) {
	// A connection of its own: that of the statement is in use, or broken.
	return &endingTransport{Transport: t, ender: e, messenger: &http.Client{Transport: &http.Transport{
		Proxy: t.Proxy, DialContext: t.DialContext, TLSClientConfig: t.TLSClientConfig, DisableKeepAlives: true,
	}}}, nil
}

type endingTransport struct {
	*http.Transport
	ender     *ender
	messenger *http.Client
}

// RoundTrip implements http.RoundTripper.
func (t *endingTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	query := request.URL.Query()
	id := query.Get("query_id")
	if id == "" {
		unique, err := uuid.NewRandom()
		if err != nil {
			return nil, err
		}
		id = unique.String()
		query.Set("query_id", id)
		request = request.Clone(request.Context())
		request.URL.RawQuery = query.Encode()
	}
	response, err := t.Transport.RoundTrip(request)
	if err != nil {
		t.ender.pending.Go(func() { t.end(request, id) })
	}
	return response, err
}

// end asks once: a server that cannot be reached has other worries, and what goes on there changes nothing.
func (t *endingTransport) end(request *http.Request, id string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(request.Context()), ending)
	defer cancel()
	address := *request.URL
	address.RawQuery = url.Values{"param_id": {id}}.Encode()
	kill, err := http.NewRequestWithContext(ctx, http.MethodPost, address.String(), strings.NewReader(sql.Text("load/end_statement.sql")))
	if err != nil {
		return
	}
	kill.Header = request.Header.Clone() // the user and the password
	kill.Header.Del("Content-Encoding")  // of what was being sent
	response, err := t.messenger.Do(kill)
	if err != nil {
		return
	}
	_, _ = io.Copy(io.Discard, response.Body) // whatever it says
	_ = response.Body.Close()
}
