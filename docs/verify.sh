#!/bin/sh
# Verifies an incident's log with GNU coreutils and ssh-keygen, without Breakglass (logs/README.md describes what it checks):
#   sh docs/verify.sh FOLDER ALLOWED_SIGNERS IDENTITY ['THE CHECKPOINT THAT WAS KEPT ELSEWHERE']
set -eu; export LC_ALL=C; signers=$(realpath "$2") who=$3 elsewhere=${4-}; cd "$1"
fail() { echo "NOT VERIFIED: $1" >&2; exit 1; }
sha() { sha256sum | cut -c -64; }
line() { head -n "$1" audit.jsonl | tail -n 1 | head -c -1; }
raw() { tr a-f A-F | basenc --base16 -d; }
pairs() { while read -r l; do if read -r r; then printf 01%s%s "$l" "$r" | raw | sha; else echo "$l"; fi; done; }
[ "$(tail -c 1 audit.jsonl | wc -l)" = 1 ] || fail 'the last line is incomplete'
n=0 prev=$(printf %064d 0) tree=
while IFS= read -r text; do n=$((n + 1))
  case ${text##*,\"prev\":\"} in "$prev\",\"run\":\""*"\",\"seq\":$n,\"time\":\""*) ;; *) fail "line $n does not fit the line before it" ;; esac
  prev=$(line $n | sha) tree="$tree$({ printf '\0'; line $n; } | sha) "
done < audit.jsonl
tree=$(printf %s "$tree" | tr ' ' '\n'); while [ "$(echo "$tree" | wc -l)" -gt 1 ]; do tree=$(echo "$tree" | pairs); done
[ -f checkpoints/$n.sig ] || fail "no signed checkpoint covers all $n lines"
[ "$(tail -n +2 checkpoints/$n)" = "$(echo $n; printf %s "$tree" | raw | base64)" ] || fail "checkpoint $n is of other lines"
newest=$(tr '\n' ' ' < checkpoints/$n); [ "${elsewhere:-${newest% }}" = "${newest% }" ] || fail 'the checkpoint that was kept elsewhere is another'
for sig in checkpoints/*.sig; do
  ssh-keygen -Y verify -f "$signers" -I "$who" -n breakglass-checkpoint -s "$sig" < "${sig%.sig}" > /dev/null 2>&1 || fail "the signature $sig does not hold"
done
echo "verified: $n entries, head sha256:$prev, signed by $who"
