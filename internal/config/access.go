package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/partnerplus/warehouse/internal/config/strictyaml"
)

// Access says who sees what of the warehouse, as far as that depends on the data. Users and their roles are the warehouse's own.
type Access struct {
	// PartnerManagers are the programmes of each user of the warehouse with the role of a partner manager, who sees no other. Every
	// run reads them anew; who is not named sees none.
	PartnerManagers map[string][]string `yaml:"partner_managers,omitempty"`
}

// Unknown names the programmes that are not among the known ones, each with the user who was to see it.
func (a Access) Unknown(known []string) (problems []string) {
	for _, user := range slices.Sorted(maps.Keys(a.PartnerManagers)) {
		for _, program := range a.PartnerManagers[user] {
			if slices.Contains(known, program) {
				continue
			}
			problem := fmt.Sprintf("access.partner_managers.%s: no programme %q is known", user, program)
			if best := strictyaml.Nearest(program, known); best != "" {
				problem += fmt.Sprintf("; did you mean %s?", best)
			}
			problems = append(problems, problem)
		}
	}
	return problems
}

func (a Access) check() error {
	var errs []error
	for _, user := range slices.Sorted(maps.Keys(a.PartnerManagers)) {
		programs := a.PartnerManagers[user]
		switch {
		case user == "":
			errs = append(errs, errors.New("partner_managers: a user without a name; give the name that logs in to the warehouse"))
		case slices.Contains(programs, ""):
			errs = append(errs, fmt.Errorf("partner_managers.%s: a programme without an id; write program_id as the facts have it", user))
		}
	}
	return errors.Join(errs...)
}
