package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // names a key, as the official plugin does; protects nothing
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/ssh"
)

var algorithms = []string{"RSA", "ECDSA", "ED25519"}

var curves = map[string]elliptic.Curve{
	"P224": elliptic.P224(),
	"P256": elliptic.P256(),
	"P384": elliptic.P384(),
	"P521": elliptic.P521(),
}

// generate makes a private key.
func generate(algorithm, curve string, bits int) (crypto.Signer, error) {
	switch algorithm {
	case "RSA":
		return rsa.GenerateKey(rand.Reader, bits)
	case "ECDSA":
		return ecdsa.GenerateKey(curves[curve], rand.Reader)
	case "ED25519":
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	default:
		return nil, fmt.Errorf("no such algorithm: %q", algorithm)
	}
}

// readKey reads a private key in any of the forms PrivateKey writes.
func readKey(text string) (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("the private key is not PEM; pass a PrivateKey's privateKeyPem")
	}
	var key any
	var err error
	switch block.Type {
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "OPENSSH PRIVATE KEY":
		key, err = ssh.ParseRawPrivateKey([]byte(text))
		if pointer, ok := key.(*ed25519.PrivateKey); ok {
			key = *pointer
		}
	default:
		return nil, fmt.Errorf("the private key is a PEM block %q; pass a PrivateKey's privateKeyPem", block.Type)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the private key: %w", err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("the private key is a %T, which cannot sign", key)
	}
	return signer, nil
}

// algorithmOf names a key's algorithm as PrivateKey does.
func algorithmOf(key crypto.Signer) string {
	switch key.(type) {
	case *rsa.PrivateKey:
		return "RSA"
	case *ecdsa.PrivateKey:
		return "ECDSA"
	default:
		return "ED25519"
	}
}

// forms are the ways a private key is written.
type forms struct {
	pem, pkcs8, openSSH string
}

func write(key crypto.Signer) (forms, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return forms{}, fmt.Errorf("writing the private key as PKCS#8: %w", err)
	}
	written := forms{pkcs8: block("PRIVATE KEY", der)}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		written.pem = block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))
	case *ecdsa.PrivateKey:
		der, err := x509.MarshalECPrivateKey(key)
		if err != nil {
			return forms{}, fmt.Errorf("writing the private key as SEC 1: %w", err)
		}
		written.pem = block("EC PRIVATE KEY", der)
	default:
		written.pem = written.pkcs8
	}
	if !knownToOpenSSH(key) {
		return written, nil
	}
	openSSH, err := ssh.MarshalPrivateKey(key, "")
	if err != nil {
		return forms{}, fmt.Errorf("writing the private key for OpenSSH: %w", err)
	}
	written.openSSH = string(pem.EncodeToMemory(openSSH))
	return written, nil
}

// public are the ways a public key is written; the OpenSSH ones are empty for a curve OpenSSH lacks.
type public struct {
	id, pem, openSSH, md5, sha256 string
}

func publish(key crypto.Signer) (public, error) {
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return public{}, fmt.Errorf("writing the public key: %w", err)
	}
	sum := sha1.Sum(der) //nolint:gosec // as at the import
	written := public{id: hex.EncodeToString(sum[:]), pem: block("PUBLIC KEY", der)}
	if !knownToOpenSSH(key) {
		return written, nil
	}
	open, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		return public{}, fmt.Errorf("writing the public key for OpenSSH: %w", err)
	}
	written.openSSH = string(ssh.MarshalAuthorizedKey(open))
	written.md5, written.sha256 = ssh.FingerprintLegacyMD5(open), ssh.FingerprintSHA256(open)
	return written, nil
}

func knownToOpenSSH(key crypto.Signer) bool {
	elliptical, ok := key.(*ecdsa.PrivateKey)
	return !ok || slices.Contains([]elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()}, elliptical.Curve)
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
