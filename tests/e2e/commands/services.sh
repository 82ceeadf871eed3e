#!/usr/bin/env bash
# serve with its services as a user meets them: http with curl and by hand, files, command, declared framings, crash tests.
. "$(dirname "$0")/lib.sh"
need curl
need sha256sum

# start ARGUMENTS...: a server in the background; $port is where it listens.
mkfifo "$work/said"
exec 4<>"$work/said"
start() {
    local line=
    env -u DISPLAY "$SYNSCOPE" serve --engine epoll-et "$@" >&4 2>"$work/serve.err" </dev/null 3<&- 4<&- &
    started+=($!)
    read -rt 20 line <&4
    port=${line##*:}
    [[ $line == listening* && $port =~ ^[0-9]+$ ]] || fail "serve $* says: $line $(cat "$work/serve.err")"
}
stop() { kill "${started[-1]}"; wait "${started[-1]}" || fail "a stop is no failure"; unset 'started[-1]'; }
# status ARGUMENTS...: curl's status; the body is in $work/body, the head in $work/head.
status() { curl -sS --max-time 20 -o "$work/body" -D "$work/head" -w '%{http_code}' "$@"; }
# expect STATUS ARGUMENTS...
expect() {
    local wanted=$1 got
    shift
    got=$(status "$@") || fail "curl $*"
    [ "$got" = "$wanted" ] || fail "curl $*: $got, not $wanted"
}

# ---- http
mkdir -p "$work/root/folder"
echo '<h1>hello</h1>' >"$work/root/index.html"
echo inside >"$work/root/folder/index.html"
head -c 3000000 /dev/urandom >"$work/root/big.bin"
echo secret >"$work/secret"
ln -s ../secret "$work/root/link"
run 1 serve --service http
says "$work/err" "needs a directory"
run 1 serve --service http --root "$work/root" --framing len32
says "$work/err" "finds its messages itself"
start --service http --root "$work/root"
url=http://127.0.0.1:$port
expect 200 "$url/"
grep -q hello "$work/body" && says "$work/head" '^Content-Type: text/html'
expect 200 "$url/big.bin"
cmp -s "$work/body" "$work/root/big.bin" || fail "big.bin came out different"
etag=$(sed -n 's/^ETag: \(.*\)\r$/\1/p' "$work/head")
expect 304 -H "If-None-Match: $etag" "$url/big.bin"
expect 304 -z "$work/root/big.bin" "$url/big.bin"
expect 206 -r 1000-1999 "$url/big.bin"
cmp -s "$work/body" <(head -c 2000 "$work/root/big.bin" | tail -c 1000) || fail "the range is another"
expect 416 -r 3000000- "$url/big.bin"
expect 200 -I "$url/big.bin"
says "$work/head" '^Content-Length: 3000000'
head -c 1000000 "$work/root/big.bin" >"$work/resumed"
curl -sS --max-time 20 -C - -o "$work/resumed" "$url/big.bin" && cmp -s "$work/resumed" "$work/root/big.bin" || fail "curl -C -"
expect 301 "$url/folder"
expect 200 -L "$url/folder"
expect 404 "$url/absent"
expect 404 --path-as-is "$url/../secret"
expect 404 --path-as-is "$url/%2e%2e/secret"
expect 404 "$url/link"
expect 400 "$url/a%00b"
expect 405 -d x=y "$url/"
expect 405 -T "$work/root/big.bin" "$url/new"
expect 414 "$url/$(printf 'x%.0s' $(seq 9000))"
# Two requests, one connection.
curl -sS --max-time 20 -v -o "$work/a" "$url/" -o "$work/b" "$url/folder/" 2>"$work/verbose"
grep -qi 're-using existing connection' "$work/verbose" || fail "the connection was not kept"
# by_hand BYTES: what a client gets that sends all at once and then only reads.
by_hand() {
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf "$1" >&3
    timeout 20 cat <&3
    exec 3<&- 3>&-
}
by_hand 'GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /absent HTTP/1.1\r\nHost: x\r\n\r\nHEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' >"$work/pipelined"
[ "$(grep -c '^HTTP/1.1' "$work/pipelined")" = 3 ] || fail "pipelining: $(cat "$work/pipelined")"
for bad in 'GET / HTTP/1.1\nHost: x\n\n' 'GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n' 'GET / HTTP/1.1\r\nHost: x\r\n y\r\n\r\n' \
    'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n'; do
    by_hand "$bad" | grep -q '^HTTP/1.1 400 Bad Request' || fail "not refused: $bad"
done
by_hand "GET / HTTP/1.1\r\nHost: x\r\nA: $(printf 'x%.0s' $(seq 65536))" | grep -q '^HTTP/1.1 431' || fail "64 KiB header line"
expect 200 "$url/"
stop

# ---- files: this is all that a client is.
le32() { printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255)); }
# header JSON: the 4-byte length and the header.
header() { printf "$(le32 ${#1})%s" "$1"; }
mkdir "$work/uploads"
start --service files --root "$work/uploads" --most-upload-bytes 4000000
# upload NAME FILE [DIGEST]: sends it and prints the answer: a 4-byte length and JSON.
upload() {
    local length
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    header "{\"type\":\"file\",\"name\":\"$1\",\"size\":$(stat -c %s "$2"),\"sha256\":\"${3:-$(sha256sum <"$2" | cut -d' ' -f1)}\"}" >&3
    cat "$2" >&3
    length=$(timeout 20 head -c 4 <&3 | od -An -tu4 | tr -d ' ')
    timeout 20 head -c "$length" <&3
    exec 3<&- 3>&-
}
upload copy.bin "$work/root/big.bin" | grep -q '"ok": true' || fail "an upload"
cmp -s "$work/uploads/copy.bin" "$work/root/big.bin" || fail "the upload came out different"
upload ../evil "$work/secret" | grep -q 'leads out' || fail "../evil"
upload bad "$work/secret" "$(printf '0%.0s' $(seq 64))" | grep -q 'digest' || fail "another digest"
[ "$(ls -A "$work/uploads")" = copy.bin ] || fail "left behind: $(ls -A "$work/uploads")"
stop

# ---- command
start --service command --framing line
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf 'whoami\nrm -rf /\n' >&3
read -rt 20 user <&3
read -rt 20 refused <&3
exec 3<&- 3>&-
[ "$user" = "$(whoami)" ] || fail "whoami: $user"
[[ $refused == "refused: 'rm -rf /' is none of"* ]] || fail "rm: $refused"
stop

# ---- a framing of one's own
printf 'length: {size: 2, endian: big}\n' >"$work/own.yaml"
start --service upper --framing "$work/own.yaml"
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf '\0\5hello' >&3
[ "$(timeout 20 head -c 7 <&3 | od -An -c | tr -d ' ')" = '\0005HELLO' ] || fail "a declared framing"
exec 3<&- 3>&-
stop
printf 'length: {size: 5}\n' >"$work/wrong.yaml"
run 1 serve --framing "$work/wrong.yaml"
says "$work/err" 'wrong.yaml:1:16: a length has 1, 2, 3, 4 or 8 bytes'

# ---- crash tests
for framing in line len32 len32be ready json http "$work/own.yaml"; do
    run 0 framings --crash-test "$framing"
    is_clean "$work/out"
    says "$work/out" 'one recv = one message is right in 1 of ([0-9]+) cuts, the [a-z0-9]+ decoder in ([0-9]+) of \2'
done
run 1 framings --crash-test no-such
