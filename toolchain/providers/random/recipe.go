package main

import (
	"fmt"

	p "github.com/pulumi/pulumi-go-provider"
)

// Recipe is what RandomPassword and RandomString are asked for: a length and the classes of
// characters, all of them allowed unless switched off.
type Recipe struct {
	Keepers         map[string]string `pulumi:"keepers,optional"`
	Length          int               `pulumi:"length"`
	Lower           *bool             `pulumi:"lower,optional"`
	MinLower        *int              `pulumi:"minLower,optional"`
	MinNumeric      *int              `pulumi:"minNumeric,optional"`
	MinSpecial      *int              `pulumi:"minSpecial,optional"`
	MinUpper        *int              `pulumi:"minUpper,optional"`
	Number          *bool             `pulumi:"number,optional"`
	Numeric         *bool             `pulumi:"numeric,optional"`
	OverrideSpecial *string           `pulumi:"overrideSpecial,optional"`
	Special         *bool             `pulumi:"special,optional"`
	Upper           *bool             `pulumi:"upper,optional"`
}

// complete is the recipe with every setting that was left out at its default.
func (r Recipe) complete() Recipe {
	if r.Numeric == nil {
		r.Numeric = r.Number
	}
	for _, setting := range []**bool{&r.Lower, &r.Upper, &r.Numeric, &r.Special} {
		if *setting == nil {
			*setting = new(true)
		}
	}
	r.Number = r.Numeric
	for _, setting := range []**int{&r.MinLower, &r.MinNumeric, &r.MinSpecial, &r.MinUpper} {
		if *setting == nil {
			*setting = new(0)
		}
	}
	return r
}

// classes are those a complete recipe allows.
func (r Recipe) classes() []class {
	special := symbols
	if r.OverrideSpecial != nil && *r.OverrideSpecial != "" {
		special = *r.OverrideSpecial
	}
	var allowed []class
	for _, one := range []struct {
		allowed bool
		class   class
	}{
		{*r.Lower, class{"lower", lowerCase, *r.MinLower}},
		{*r.Upper, class{"upper", upperCase, *r.MinUpper}},
		{*r.Numeric, class{"numeric", digits, *r.MinNumeric}},
		{*r.Special, class{"special", special, *r.MinSpecial}},
	} {
		// A minimum asks for the class even where it is switched off, as the official plugin has it.
		if one.allowed || one.class.atLeast > 0 {
			allowed = append(allowed, one.class)
		}
	}
	return allowed
}

// faults says what makes the recipe impossible to follow.
func (r Recipe) faults() []p.CheckFailure {
	if r.Number != nil && r.Numeric != nil && *r.Number != *r.Numeric {
		return []p.CheckFailure{{
			Property: "number",
			Reason: fmt.Sprintf("number is %t and numeric is %t, but both name one setting; keep numeric",
				*r.Number, *r.Numeric),
		}}
	}
	allowed := r.complete().classes()
	if len(allowed) == 0 {
		return []p.CheckFailure{{
			Property: "length",
			Reason:   "lower, upper, numeric and special are all false; allow at least one class",
		}}
	}
	least := 0
	for _, one := range allowed {
		least += one.atLeast
	}
	if r.Length < max(least, 1) {
		return []p.CheckFailure{{
			Property: "length",
			Reason: fmt.Sprintf("length is %d, but the classes of characters need at least %d; "+
				"raise length or lower a minimum", r.Length, max(least, 1)),
		}}
	}
	return nil
}
