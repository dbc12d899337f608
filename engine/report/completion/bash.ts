import { type CompletedCommand, quoted } from './commands.ts'
import type { CompletedBy } from './values.ts'

/** Returns the script for bash 3.2 and later; it contains the commands, and calls the program for names. */
export const bashScript = (
  commands: CompletedCommand[],
): string => `# Completes breakglass in bash. To use it: eval "$(breakglass completion bash)"

# What follows a command: its options, the commands under it, or what completes an argument (choices, or @ and a kind).
_breakglass_options() {
  case "$1" in
${commands.map(({ path, options }) => arm(path, options.map(({ flag }) => flag).join(' '))).join('\n')}
  esac
}
_breakglass_commands() {
  case "$1" in
${commands.flatMap(({ path, commands: inner }) => (inner.length > 0 ? [arm(path, inner.map(({ name }) => name).join(' '))] : [])).join('\n')}
  esac
}
_breakglass_value() {
  case "$1" in
${commands.flatMap(values).join('\n')}
  esac
}
_breakglass_word() {
  case "$1" in
${commands.flatMap(places).join('\n')}
  esac
}

${WALK}
complete -F _breakglass breakglass
`

const arm = (pattern: string, said: string): string => `    ${quoted(pattern)}) echo ${quoted(said)} ;;`

const values = ({ path, options }: CompletedCommand): string[] =>
  options.flatMap(({ flag, by }) => (by ? [arm(`${path} ${flag}`, said(by))] : []))

const places = ({ path, places: each, more }: CompletedCommand): string[] => [
  ...each.map((by, index) => arm(`${path} ${index}`, said(by))),
  ...(more.kind === 'nothing' ? [] : [`    ${quoted(`${path} `)}*) echo ${quoted(said(more))} ;;`]),
]

function said(by: CompletedBy): string {
  switch (by.kind) {
    case 'choices':
      return by.choices.join(' ')
    case 'names':
      return `@${by.of}`
    case 'files':
      return '@files'
    case 'folders':
      return '@folders'
    case 'nothing':
      return '@nothing'
  }
}

/** Walks the words before the cursor to the command and what it expects next, and offers what starts like the current word. */
const WALK = String.raw`_breakglass() {
  local current="$\{COMP_WORDS[COMP_CWORD]}" path='' place=0 awaited='' ended='' prefix='' kind='' word
  for word in "$\{COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ "$word" == '=' ]]; then :  # bash splits --env=prod into three words
    elif [[ -n "$awaited" ]]; then awaited=''
    elif [[ -n "$ended" ]]; then place=$((place + 1))
    elif [[ "$word" == '--' ]]; then ended=yes
    elif [[ "$word" == -*=* ]]; then :
    elif [[ "$word" == -* ]]; then awaited="$(_breakglass_value "$path $word")"
    elif [[ " $(_breakglass_commands "$path") " == *" $word "* ]]; then path="$\{path:+$path }$word"
    else place=$((place + 1))
    fi
  done
  if [[ "$current" == '=' ]]; then current=''; fi
  if [[ -n "$awaited" ]]; then kind="$awaited"
  elif [[ "$current" == --*=* ]]; then
    prefix="$\{current%%=*}=" kind="$(_breakglass_value "$path $\{current%%=*}")" current="$\{current#*=}"
  elif [[ "$current" == -* && -z "$ended" ]]; then kind="$(_breakglass_options "$path")"
  else
    if [[ "$place" == 0 ]]; then kind="$(_breakglass_commands "$path")"; fi
    if [[ -z "$kind" ]]; then kind="$(_breakglass_word "$path $place")"; fi
    if [[ "$kind" == @* && "$current" == */* ]]; then kind=@files; fi
  fi
  _breakglass_offer "$kind" "$current" "$prefix"
}
_breakglass_offer() {
  local words='' word
  case "$1" in
    @nothing) ;;
    @files) words="$(compgen -f -- "$2")"; compopt -o filenames 2>/dev/null ;;
    @folders) words="$(compgen -d -- "$2")"; compopt -o filenames 2>/dev/null ;;
    @*) words="$("$\{COMP_WORDS[0]}" names "$\{1#@}" -- "$\{COMP_WORDS[@]:1}" 2>/dev/null)" ;;
    *) words="$(printf '%s\n' $1)" ;;
  esac
  COMPREPLY=()
  while IFS= read -r word; do
    if [[ -n "$word" && "$word" == "$2"* ]]; then COMPREPLY+=("$3$word"); fi
  done <<<"$words"
}`.replaceAll('$\\{', '${')
