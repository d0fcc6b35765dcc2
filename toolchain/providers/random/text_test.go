package main

import (
	"crypto/rand"
	"strings"
	"testing"
	"testing/quick"
)

func count(text, characters string) int {
	found := 0
	for _, character := range text {
		if strings.ContainsRune(characters, character) {
			found++
		}
	}
	return found
}

func TestTextHasItsLengthAndOfEachClassAtLeastWhatWasAsked(t *testing.T) {
	holds := func(lower, upper, numeric, special, rest uint8) bool {
		least := []int{int(lower % 20), int(upper % 20), int(numeric % 20), int(special % 20)}
		length := least[0] + least[1] + least[2] + least[3] + int(rest%50) + 1
		recipe := Recipe{
			Length: length, MinLower: &least[0], MinUpper: &least[1], MinNumeric: &least[2], MinSpecial: &least[3],
		}
		drawn, err := text(rand.Reader, length, recipe.complete().classes())
		if err != nil {
			t.Fatal(err)
		}
		return len(drawn) == length &&
			count(drawn, lowerCase) >= least[0] &&
			count(drawn, upperCase) >= least[1] &&
			count(drawn, digits) >= least[2] &&
			count(drawn, symbols) >= least[3] &&
			count(drawn, lowerCase+upperCase+digits+symbols) == length
	}
	if err := quick.Check(holds, nil); err != nil {
		t.Error(err)
	}
}

func TestTextHoldsNothingOfAClassThatIsSwitchedOff(t *testing.T) {
	holds := func(lower, upper, numeric, special bool) bool {
		recipe := Recipe{Length: 200, Lower: &lower, Upper: &upper, Numeric: &numeric, Special: &special}
		if !lower && !upper && !numeric && !special {
			return len(recipe.faults()) == 1
		}
		drawn, err := text(rand.Reader, 200, recipe.complete().classes())
		if err != nil {
			t.Fatal(err)
		}
		return (count(drawn, lowerCase) > 0) == lower &&
			(count(drawn, upperCase) > 0) == upper &&
			(count(drawn, digits) > 0) == numeric &&
			(count(drawn, symbols) > 0) == special
	}
	if err := quick.Check(holds, nil); err != nil {
		t.Error(err)
	}
}

func TestOverrideSpecialReplacesTheSymbols(t *testing.T) {
	off := false
	recipe := Recipe{Length: 64, Lower: &off, Upper: &off, Numeric: &off, OverrideSpecial: new("_-")}
	drawn, err := text(rand.Reader, recipe.Length, recipe.complete().classes())
	if err != nil {
		t.Fatal(err)
	}
	if count(drawn, "_-") != 64 {
		t.Errorf("got %q, want only _ and -", drawn)
	}
}

func TestThePositionOfACharacterSaysNothingAboutItsClass(t *testing.T) {
	one := 1
	recipe := Recipe{Length: 8, MinNumeric: &one, Numeric: new(false)}.complete()
	seen := map[int]bool{}
	for range 500 {
		drawn, err := text(rand.Reader, recipe.Length, recipe.classes())
		if err != nil {
			t.Fatal(err)
		}
		seen[strings.IndexAny(drawn, digits)] = true
	}
	if len(seen) != 8 {
		t.Errorf("the digit was seen at positions %v, want all of 0..7", seen)
	}
}

func TestImpossibleRecipesAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		recipe Recipe
		want   string
	}{
		"no length":              {Recipe{}, "at least 1"},
		"minima over the length": {Recipe{Length: 3, MinLower: new(2), MinSpecial: new(2)}, "at least 4"},
		"two names, two answers": {Recipe{Length: 3, Number: new(true), Numeric: new(false)}, "keep numeric"},
	} {
		t.Run(name, func(t *testing.T) {
			faults := test.recipe.faults()
			if len(faults) != 1 || !strings.Contains(faults[0].Reason, test.want) {
				t.Errorf("got %v, want one fault with %q", faults, test.want)
			}
		})
	}
}
