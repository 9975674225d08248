// Package schedulestest gives tests a ledger in memory, and the suite that every ledger passes.
package schedulestest

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/partnerplus/warehouse/schedules"
)

// Memory is a schedules.Ledger in memory. Its clock is the test's.
type Memory struct {
	mu      sync.Mutex
	records map[string][]schedules.Record // by job, in the order of due time and attempt
	leases  map[string]*lease
}

var _ schedules.Ledger = (*Memory)(nil)

// NewMemory gives an empty ledger with these records.
func NewMemory(records ...schedules.Record) *Memory {
	m := &Memory{records: map[string][]schedules.Record{}, leases: map[string]*lease{}}
	for _, r := range records {
		m.put(r)
	}
	return m
}

// Records gives the records of a job, by due time and attempt.
func (m *Memory) Records(job string) []schedules.Record {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.records[job])
}

// Histories implements schedules.Ledger.
func (m *Memory) Histories(context.Context) (map[string]schedules.History, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	histories := map[string]schedules.History{}
	for job, records := range m.records {
		histories[job] = history(records)
	}
	for job, l := range m.leases {
		if l.isLive() {
			h := histories[job]
			h.Holder, h.HeldSince = l.holder, l.since
			histories[job] = h
		}
	}
	return histories, nil
}

func history(records []schedules.Record) (h schedules.History) {
	newest := records[len(records)-1]
	h.Newest = &newest
	// Records before the newest that ended well and the newest that was due say nothing more.
	for _, r := range slices.Backward(records) {
		isGood := r.Status == schedules.StatusDone || r.Status == schedules.StatusRejects || r.Status == schedules.StatusChecks
		if isGood && h.Good.IsZero() {
			h.Good = r.Due
		}
		if r.ByHand {
			continue
		}
		if h.Last == nil {
			h.Last = &r
		}
		if r.Due.Equal(h.Last.Due) && r.Status == schedules.StatusFailed {
			h.Failures++
		}
		if r.Status != schedules.StatusWaiting && h.Settled.IsZero() {
			h.Settled = r.Due
		}
		if !h.Good.IsZero() && !h.Settled.IsZero() && r.Due.Before(h.Last.Due) {
			break
		}
	}
	return h
}

// Record implements schedules.Ledger.
func (m *Memory) Record(_ context.Context, r schedules.Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(r)
	return nil
}

func (m *Memory) put(r schedules.Record) {
	records := m.records[r.Job]
	at, found := slices.BinarySearchFunc(records, r, func(a, b schedules.Record) int {
		if c := a.Due.Compare(b.Due); c != 0 {
			return c
		}
		return a.Attempt - b.Attempt
	})
	if found {
		records[at] = r
	} else {
		m.records[r.Job] = slices.Insert(records, at, r)
	}
}

// Acquire implements schedules.Ledger.
func (m *Memory) Acquire(_ context.Context, job, holder string) (schedules.Lease, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l := m.leases[job]; l != nil && l.isLive() {
		return nil, &schedules.HeldError{Job: job, Holder: l.holder, Since: l.since}
	}
	l := &lease{memory: m, job: job, holder: holder, since: time.Now(), expires: time.Now().Add(schedules.LeaseTime)}
	m.leases[job] = l
	return l, nil
}

// Expire lets all leases expire at once.
func (m *Memory) Expire() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for l := range maps.Values(m.leases) {
		l.expires = time.Now()
	}
}

type lease struct {
	memory         *Memory
	job, holder    string
	since, expires time.Time
}

func (l *lease) isLive() bool { return time.Now().Before(l.expires) }

// Renew implements schedules.Lease.
func (l *lease) Renew(context.Context) error {
	l.memory.mu.Lock()
	defer l.memory.mu.Unlock()
	if !l.isLive() {
		return &schedules.LeaseLostError{Job: l.job}
	}
	l.expires = time.Now().Add(schedules.LeaseTime)
	return nil
}

// Release implements schedules.Lease.
func (l *lease) Release(context.Context) error {
	l.memory.mu.Lock()
	defer l.memory.mu.Unlock()
	l.expires = time.Time{}
	return nil
}
