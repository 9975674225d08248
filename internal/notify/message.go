package notify

import (
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/partnerplus/warehouse/load"
)

// Event is why a message is sent.
type Event string

// The events.
const (
	EventOpened    Event = "opened"    // a matter came up
	EventRepeated  Event = "repeated"  // it still stands, or got worse
	EventRecovered Event = "recovered" // it is over
	EventSummary   Event = "summary"
	EventTest      Event = "test"
)

// Schema names the form of a Message as a JSON document. A field may be added within a version; none changes its meaning.
const Schema = "partnerplus.notification/1"

// Message is one message to one receiver, as webhooks get it; templates see it too. Subject and Body are the text that was
// made of it.
type Message struct {
	Schema     string     `json:"schema"`
	ID         string     `json:"id"` // the same for the same message sent again
	Event      Event      `json:"event"`
	Receiver   string     `json:"receiver"`
	Kind       string     `json:"kind"`
	Key        string     `json:"key"` // the same for all messages of one matter
	Severity   string     `json:"severity"`
	Title      string     `json:"title"`
	Text       string     `json:"text"`
	Todo       string     `json:"todo"`
	Since      time.Time  `json:"since"`
	OpenedAt   time.Time  `json:"opened_at"`
	ResolvedAt *time.Time `json:"resolved_at,omitempty"`
	Summary    *Summary   `json:"summary,omitempty"`
	Subject    string     `json:"subject"`
	Body       string     `json:"body"`

	html string
}

// HTML is the page that a mail holds beside the text, empty where there is none.
func (m Message) HTML() string { return m.html }

// idSpace keeps the ids of messages apart from other UUIDs that are made from names.
var idSpace = uuid.MustParse("2f0c3f8e-5a5e-4c58-9d0b-6a3f6a1f7c11")

// message makes the message that a notice is worth, without its text.
func message(n load.Notice, event Event) Message {
	name := n.Receiver + "\x00" + n.Matter + "\x00" + strconv.FormatInt(n.OpenedAt.UnixMicro(), 10) + "\x00" + string(event) + "\x00" + strconv.Itoa(int(n.Tell))
	m := Message{
		Schema: Schema, ID: uuid.NewSHA1(idSpace, []byte(name)).String(), Event: event, Receiver: n.Receiver, Kind: n.Kind, Key: n.Matter,
		Severity: n.Severity, Title: strings.Join(strings.Fields(n.Title), " "), Text: n.Text, Todo: n.Todo, Since: n.Since.UTC(), OpenedAt: n.OpenedAt.UTC(),
	}
	if event == EventRecovered {
		ended := n.GoneAt.UTC()
		m.ResolvedAt = &ended
	}
	return m
}
