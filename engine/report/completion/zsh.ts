import { type CompletedCommand, quoted } from './commands.ts'
import type { CompletedBy } from './values.ts'

/** Returns the script for zsh, based on its _arguments; it contains the commands, and calls the program for names. */
export const zshScript = (commands: CompletedCommand[]): string => `#compdef breakglass
# Completes breakglass in zsh. To use it, after compinit: eval "$(breakglass completion zsh)"

_breakglass_names() {
  # zsh passes its own options before the kind.
  local -a found
  found=("\${(@f)$($_breakglass_typed[1] names $argv[-1] -- "\${(@)_breakglass_typed[2,-1]}" 2>/dev/null)}")
  found=(\${found:#})
  compadd "\${(@)argv[1,-2]}" -a found
}

_breakglass() {
  local curcontext="$curcontext" state line
  local -a _breakglass_typed=("\${(@)words}")
  _breakglass_at_top
}

${commands.map(functionFor).join('\n\n')}

if [[ "$funcstack[1]" == _breakglass ]]; then _breakglass "$@"; else compdef _breakglass breakglass; fi
`

const nameFor = (path: string): string => `_breakglass_at_${path === '' ? 'top' : path.replaceAll(/[^a-z]/g, '_')}`

function functionFor({ path, options, places, more, commands }: CompletedCommand): string {
  const specs = options.map(({ flag, summary, value, by }) =>
    by ? `*${flag}=[${explained(summary)}]:${message(value ?? '')}:${action(by)}` : `${flag}[${explained(summary)}]`,
  )
  if (commands.length === 0) {
    const words = places.map((by, index) => `${index + 1}:${describe(by)}:${action(by)}`)
    const rest = more.kind === 'nothing' ? [] : [`*:${describe(more)}:${action(more)}`]
    return `${nameFor(path)}() {\n  _arguments -s -S ${[...specs, ...words, ...rest].map(continued).join('')}\n}`
  }
  return `${nameFor(path)}() {
  local line state
  _arguments -C -s -S ${[...specs, '1:command:->command', '*::word:->word'].map(continued).join('')} && return
  case "$state" in
    command)
      local -a commands=(${commands.map(({ name, summary }) => `\n        ${quoted(`${name}:${summary.replaceAll(':', '\\:')}`)}`).join('')}
      )
      _describe -t commands command commands ;;
    word)
      case "$line[1]" in
${commands.map(({ name }) => `        ${name}) ${nameFor(path === '' ? name : `${path} ${name}`)} ;;`).join('\n')}
      esac ;;
  esac
}`
}

const continued = (spec: string): string => `\\\n    ${quoted(spec)} `
const explained = (text: string): string => text.replaceAll(/[[\]\\]/g, '\\$&')
const message = (text: string): string => text.replaceAll(/[:\\]/g, '\\$&')

const describe = (by: CompletedBy): string => (by.kind === 'names' ? by.of : by.kind === 'nothing' ? ' ' : by.kind)

function action(by: CompletedBy): string {
  switch (by.kind) {
    case 'choices':
      return `(${by.choices.join(' ')})`
    case 'names':
      return `_breakglass_names ${by.of}`
    case 'files':
      return '_files'
    case 'folders':
      return '_files -/'
    case 'nothing':
      return ' '
  }
}
