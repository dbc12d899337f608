import { describeLookAlike, lookAlikes } from '../../base/look-alikes.ts'
import type { Argument } from '../../gcloud-grammar/argument.ts'
import { withoutExpressions } from '../expressions/template.ts'
import type { Finding, Path } from './findings.ts'

type Habit = { form: RegExp; explain: (match: RegExpExecArray) => Omit<Finding, 'path'> }

/** Shell syntax that people write out of habit. Commands run without a shell. */
const HABITS: Habit[] = [
  {
    form: /^(\||\|\||&&|&|;|<|>|>>|2>|2>&1|\\|\(|\))$/,
    explain: ([operator]) => ({
      message: `\`${operator}\` is shell syntax, and commands run without a shell`,
      hint: 'write a single gcloud command, one list item per argument',
    }),
  },
  {
    form: /^--[a-z][a-z0-9-]*\s+\S.*$/,
    explain: () => ({
      message: 'this item contains two arguments',
      hint: 'write the flag and its value as two items, or join them with `=`',
    }),
  },
  {
    form: /^[a-z][a-z-]*( [a-z][a-z-]*)+( |$)/,
    explain: () => ({
      message: 'this item contains several arguments',
      hint: 'write one item per argument: [run, services, describe]',
    }),
  },
  {
    form: /\$\{\s*((?:env|inputs|result|before|service|repository)\b[^{}]*)\}/,
    explain: ([, inner = '']) => ({
      message: 'an expression needs two braces',
      hint: `write \${{ ${inner.trim()} }}`,
    }),
  },
  {
    form: /\$\(|`/,
    explain: () => ({
      message: 'command substitution is shell syntax, and commands run without a shell',
      hint: 'use an inventory value or an input',
    }),
  },
  {
    form: /\$\{?([A-Za-z_]\w*)\}?/,
    explain: ([variable]) => ({
      message: `\`${variable}\` is a shell variable, and commands run without a shell`,
      hint: 'use an inventory value such as ${{ env.project }}, or an input: ${{ inputs.NAME }}',
    }),
  },
  {
    form: /^(?:--[a-z][a-z0-9-]*=)?(['"]).*\1$/,
    explain: () => ({
      message: 'these quotes become part of the argument',
      hint: "remove them: YAML's own quotes are enough",
    }),
  },
]

/** Matches an argument without shell syntax. */
const PLAIN = /^[\w.,:/@=+-]*$/

/** Returns the arguments of a command that contain shell syntax. */
export function lintShellHabits(path: Path, args: Argument[]): Finding[] {
  return args.flatMap((arg, index) => {
    if (typeof arg !== 'string' || PLAIN.test(arg)) return []
    const literal = withoutExpressions(arg)
    for (const { form, explain } of HABITS) {
      // A later argument may contain spaces.
      if (form === HABITS[2]?.form && index > 0) continue
      const match = form.exec(literal)
      if (match)
        return [{ path: [...path, index], start: match.index, end: match.index + match[0].length, ...explain(match) }]
    }
    return bracesOnly([...path, index], literal)
  })
}

/** Warns about look-alike characters, which text copied from a chat or a document can contain. */
export function lintLookAlikes(path: Path, args: Argument[]): Finding[] {
  return args.flatMap((arg, index) =>
    typeof arg !== 'string'
      ? []
      : lookAlikes(withoutExpressions(arg)).map((found) => ({
          path: [...path, index],
          ...{ start: found.start, end: found.end },
          ...describeLookAlike(found),
          severity: 'warning' as const,
        })),
  )
}

/** Returns a finding for `{{ … }}` without its dollar sign. */
export function bracesOnly(path: Path, text: string): Finding[] {
  const match = /\{\{([^{}]+)\}\}/.exec(withoutExpressions(text))
  if (!match) return []
  return [
    {
      path,
      start: match.index,
      end: match.index + match[0].length,
      message: 'an expression starts with `$`',
      hint: `write \${{ ${match[1]?.trim()} }}`,
    },
  ]
}
