package main

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
)

// gate gives tokens to a service account, and lets nobody to the storage without one: the emulator itself asks for none.
type gate struct {
	account account
	storage http.Handler
	mutex   sync.Mutex
	tokens  map[string]bool
}

func newGate(account account, storage http.Handler) *gate {
	return &gate{account: account, storage: storage, tokens: map[string]bool{}}
}

func (g *gate) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	switch {
	case request.URL.Path == "/token":
		g.giveToken(response, request)
	// A part of an upload that was begun: its id is what Google goes by, too.
	case request.Method == http.MethodPut && request.URL.Query().Has("upload_id"), g.known(request.Header.Get("Authorization")):
		g.storage.ServeHTTP(response, request)
	default:
		http.Error(response, "no token of this server", http.StatusUnauthorized)
	}
}

func (g *gate) giveToken(response http.ResponseWriter, request *http.Request) {
	response.Header().Set("Content-Type", "application/json")
	if err := g.account.signed(request.PostFormValue("assertion")); err != nil {
		response.WriteHeader(http.StatusBadRequest)
		json.NewEncoder(response).Encode(map[string]string{"error": "invalid_grant", "error_description": err.Error()})
		return
	}
	token := "canary-token-" + rand.Text()
	g.mutex.Lock()
	g.tokens[token] = true
	g.mutex.Unlock()
	json.NewEncoder(response).Encode(map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 3600})
}

func (g *gate) known(authorization string) bool {
	token, bearer := strings.CutPrefix(authorization, "Bearer ")
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return bearer && g.tokens[token]
}
