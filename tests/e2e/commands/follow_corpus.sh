#!/usr/bin/env bash
# follow on captures made by others: the bytes of every stream whose digest is known, compared with that digest.
. "$(dirname "$0")/lib.sh"
corpus=${SYNSCOPE_CORPUS:-$(dirname "$0")/../../../../shared/corpus}
[ -f "$corpus/PAYLOAD.tsv" ] || skip "no corpus at $corpus"

digest() { md5sum "$1" | cut -d' ' -f1; }
streams=0
while IFS=$'\t' read -r file stream _ _ _ first _ second _; do
    [ "$file" != file ] || continue
    for direction in c2s s2c; do
        run 0 follow "$corpus/files/$file" --connection "$stream" --direction $direction -o "$work/$direction"
    done
    # Which of its two ends the list calls the first one is its own affair.
    ours=$(printf '%s\n' "$(digest "$work/c2s")" "$(digest "$work/s2c")" | sort)
    theirs=$(printf '%s\n' "$first" "$second" | sort)
    [ "$ours" = "$theirs" ] || fail "$file, stream $stream: other bytes"
    streams=$((streams + 1))
done <"$corpus/PAYLOAD.tsv"
[ $streams -gt 0 ] || fail "the list of streams is empty"
echo "$streams streams are the same byte for byte"
