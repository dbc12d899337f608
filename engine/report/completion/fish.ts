import type { CompletedCommand } from './commands.ts'
import type { CompletedBy } from './values.ts'

/** Returns the script for fish; it contains the commands, and calls the program for names. */
export const fishScript = (commands: CompletedCommand[]): string => {
  const valued = (commands[0]?.options ?? []).filter(({ by }) => by).map(({ flag }) => flag)
  const groups = commands.filter(({ path, commands: inner }) => path !== '' && inner.length > 0).map(({ path }) => path)
  return `# Completes breakglass in fish. To use it: breakglass completion fish > ~/.config/fish/completions/breakglass.fish

# Prints the path of the command that is typed: check, or audit verify.
function __breakglass_path
    set -l path
    set -l skip no
    for word in (commandline -opc)[2..-1]
        if test $skip = yes
            set skip no
        else if contains -- $word ${valued.join(' ')}
            set skip yes
        else if not string match -q -- '-*' $word
            set path $path $word
            if not contains -- $path[1] ${groups.join(' ')}; or test (count $path) = 2
                break
            end
        end
    end
    echo "$path"
end

function __breakglass_at
    set -l path (__breakglass_path)
    test "$path" = "$argv"
end

function __breakglass_names
    set -l typed (commandline -opc)
    $typed[1] names $argv -- $typed[2..-1] 2>/dev/null
end

complete -c breakglass -f
${commands.flatMap(linesFor).join('\n')}
`
}

function linesFor({ path, options, places, more, commands }: CompletedCommand): string[] {
  const here = `complete -c breakglass -n ${quoted(`__breakglass_at ${path}`.trimEnd())}`
  const words = [...places, more].filter(({ kind }) => kind !== 'nothing')
  return [
    ...commands.map(({ name, summary }) => `${here} -a ${name} -d ${quoted(summary)}`),
    ...options.map(
      ({ flag, summary, by }) => `${here} -l ${flag.slice(2)}${by ? ` ${valueWords(by)}` : ''} -d ${quoted(summary)}`,
    ),
    ...[...new Set(words.map(wordOf))].map((offered) => `${here} ${offered}`),
  ]
}

/** Returns how an option takes its value: -x offers no files, -r offers files too. */
function valueWords(by: CompletedBy): string {
  switch (by.kind) {
    case 'choices':
    case 'names':
    case 'folders':
      return `-x ${wordOf(by)}`
    case 'files':
      return '-r -F'
    case 'nothing':
      return '-x'
  }
}

function wordOf(by: CompletedBy): string {
  switch (by.kind) {
    case 'choices':
      return `-a ${quoted(by.choices.join(' '))}`
    case 'names':
      return `-a ${quoted(`(__breakglass_names ${by.of})`)}`
    case 'folders':
      return `-a ${quoted('(__fish_complete_directories)')}`
    case 'files':
      return '-F'
    case 'nothing':
      return ''
  }
}

/** Quotes a text for fish, where only quotes and backslashes are escaped within single quotes. */
const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, '\\$&')}'`
