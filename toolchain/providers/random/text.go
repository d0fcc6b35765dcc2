package main

import (
	"crypto/rand"
	"fmt"
	"io"
	"math/big"
)

const (
	lowerCase = "abcdefghijklmnopqrstuvwxyz"
	upperCase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits    = "0123456789"
	symbols   = "!@#$%&*()-_=+[]{}<>:?"
)

// class is a set of characters of which a text must hold at least a number.
type class struct {
	name       string
	characters string
	atLeast    int
}

// text draws length characters: first each class its least, the rest from all of them, and then
// shuffles, so that the position of a character says nothing about its class.
func text(source io.Reader, length int, classes []class) (string, error) {
	var all string
	drawn := make([]byte, 0, length)
	for _, one := range classes {
		all += one.characters
		for range one.atLeast {
			character, err := pick(source, one.characters)
			if err != nil {
				return "", err
			}
			drawn = append(drawn, character)
		}
	}
	for len(drawn) < length {
		character, err := pick(source, all)
		if err != nil {
			return "", err
		}
		drawn = append(drawn, character)
	}
	for i := len(drawn) - 1; i > 0; i-- {
		j, err := below(source, i+1)
		if err != nil {
			return "", err
		}
		drawn[i], drawn[j] = drawn[j], drawn[i]
	}
	return string(drawn), nil
}

func pick(source io.Reader, characters string) (byte, error) {
	index, err := below(source, len(characters))
	if err != nil {
		return 0, err
	}
	return characters[index], nil
}

func below(source io.Reader, limit int) (int, error) {
	drawn, err := rand.Int(source, big.NewInt(int64(limit)))
	if err != nil {
		return 0, fmt.Errorf("drawing a random number below %d: %w", limit, err)
	}
	return int(drawn.Int64()), nil
}
