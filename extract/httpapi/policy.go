package httpapi

import (
	"net/http"

	"github.com/partnerplus/warehouse/extract"
)

// statuses sorts the answers that are no success: the request is made again, or a person has to do something first. One that
// is not here is a fail, except that every other status of 500 and more is made again.
var statuses = map[int]extract.Rule{
	http.StatusAccepted:                      {Verdict: extract.Retry, Why: "the API has not made the data ready yet; it will be asked again on the next run"},
	http.StatusRequestTimeout:                {Verdict: extract.Retry, Why: "the server did not get the request in time"},
	http.StatusTooEarly:                      {Verdict: extract.Retry, Why: "the server wants to be asked once the connection is set up"},
	http.StatusTooManyRequests:               {Verdict: extract.Retry, Why: "the API allows fewer requests; bound them with http.rate, or ask for larger pages"},
	http.StatusInternalServerError:           {Verdict: extract.Retry, Why: "the API is in trouble; ask its owner if it stays so"},
	http.StatusBadGateway:                    {Verdict: extract.Retry, Why: "the API behind the gateway is on its way back"},
	http.StatusServiceUnavailable:            {Verdict: extract.Retry, Why: "the API is busy, or being serviced"},
	http.StatusGatewayTimeout:                {Verdict: extract.Retry, Why: "the API is too slow for its gateway; ask for smaller pages or windows if it stays so"},
	http.StatusUnauthorized:                  {Verdict: extract.Ask, Why: "check http.bearer_token, http.auth and http.headers"},
	http.StatusPaymentRequired:               {Verdict: extract.Ask, Why: "the API's owner wants to be paid first"},
	http.StatusForbidden:                     {Verdict: extract.Ask, Why: "check http.bearer_token, http.auth and http.headers"},
	http.StatusNotFound:                      {Verdict: extract.Ask, Why: "check http.url, and the parameters of http.paging"},
	http.StatusMethodNotAllowed:              {Verdict: extract.Ask, Why: "check http.method"},
	http.StatusProxyAuthRequired:             {Verdict: extract.Ask, Why: "a proxy wants to know who asks; set it in HTTPS_PROXY"},
	http.StatusGone:                          {Verdict: extract.Ask, Why: "the API has moved for good; check http.url"},
	http.StatusRequestURITooLong:             {Verdict: extract.Ask, Why: "send the parameters in the body: http.body, and in: body"},
	http.StatusNotImplemented:                {Verdict: extract.Ask, Why: "the server does not know how to do this; check http.method"},
	http.StatusHTTPVersionNotSupported:       {Verdict: extract.Ask, Why: "the server is too old, or http.url leads to something else"},
	http.StatusNetworkAuthenticationRequired: {Verdict: extract.Ask, Why: "the network wants a login first"},
}

// ruleOf says what to do about an answer that is no success.
func ruleOf(status int) extract.Rule {
	rule, known := statuses[status]
	if !known && status >= http.StatusInternalServerError {
		return extract.Rule{Verdict: extract.Retry, Why: statuses[http.StatusInternalServerError].Why}
	}
	return rule
}
