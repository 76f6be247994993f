package main

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// account is a service account: whom an assertion has to come from, and whom it has to be for.
type account struct {
	email    string
	tokenURI string
	key      *rsa.PublicKey
}

func readAccount(path string) (account, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return account{}, err
	}
	var file struct {
		Email      string `json:"client_email"`
		TokenURI   string `json:"token_uri"`
		PrivateKey string `json:"private_key"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return account{}, err
	}
	block, _ := pem.Decode([]byte(file.PrivateKey))
	if block == nil {
		return account{}, errors.New("no PEM in private_key")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return account{}, err
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return account{}, errors.New("private_key is not RSA's")
	}
	return account{email: file.Email, tokenURI: file.TokenURI, key: &key.PublicKey}, nil
}

// signed tells why a JSON Web Token (RS256) is not one of the account's, or nil when it is.
func (a account) signed(token string) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return errors.New("not a JSON Web Token")
	}
	signature, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[2], "="))
	if err != nil {
		return err
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(a.key, crypto.SHA256, digest[:], signature); err != nil {
		return err
	}
	body, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return err
	}
	var claims struct {
		Issuer   string `json:"iss"`
		Audience string `json:"aud"`
		Expires  int64  `json:"exp"`
	}
	if err := json.Unmarshal(body, &claims); err != nil {
		return err
	}
	if claims.Issuer != a.email || claims.Audience != a.tokenURI || claims.Expires < time.Now().Unix() {
		return fmt.Errorf("from %s for %s until %d", claims.Issuer, claims.Audience, claims.Expires)
	}
	return nil
}
