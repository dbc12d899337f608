import { describeLookAlike, lookAlikes } from '../../base/look-alikes.ts'
import type { Argument } from '../../gcloud-grammar/argument.ts'
import { withoutExpressions } from '../expressions/template.ts'
import type { Finding, Path } from './findings.ts'

type Habit = { form: RegExp; says: (match: RegExpExecArray) => Omit<Finding, 'path'> }

/** What a person writes who thinks of a shell; there is none between a runbook and gcloud. */
const HABITS: Habit[] = [
  {
    form: /^(\||\|\||&&|&|;|<|>|>>|2>|2>&1|\\|\(|\))$/,
    says: ([word]) => ({
      message: `no shell reads \`${word}\``,
      hint: 'a command is one gcloud command, word by word',
    }),
  },
  {
    form: /^--[a-z][a-z0-9-]*\s+\S.*$/,
    says: () => ({ message: 'these are two words', hint: 'write the flag and its value as two words, or with `=`' }),
  },
  {
    form: /^[a-z][a-z-]*( [a-z][a-z-]*)+( |$)/,
    says: () => ({ message: 'these are several words', hint: 'write each by itself: [run, services, describe]' }),
  },
  {
    form: /\$\{\s*((?:env|inputs|result|before|service|repository)\b[^{}]*)\}/,
    says: ([, inner = '']) => ({
      message: 'this is not filled in',
      hint: `an expression has two braces: \${{ ${inner.trim()} }}`,
    }),
  },
  {
    form: /\$\(|`/,
    says: () => ({
      message: 'no shell runs a command inside a word',
      hint: 'use a value of the inventory or an input',
    }),
  },
  {
    form: /\$\{?([A-Za-z_]\w*)\}?/,
    says: ([variable]) => ({
      message: `no shell fills \`${variable}\` in`,
      hint: 'use a value of the inventory such as ${{ env.project }}, or an input: ${{ inputs.NAME }}',
    }),
  },
  {
    form: /^(?:--[a-z][a-z0-9-]*=)?(['"]).*\1$/,
    says: () => ({ message: 'no shell takes these quotes away', hint: "YAML's own quotes are enough" }),
  },
]

/** A word without anything that a habit could be told by, as most are. */
const PLAIN = /^[\w.,:/@=+-]*$/

/** The words of a command that only a shell would understand. */
export function lintShellHabits(path: Path, words: Argument[]): Finding[] {
  return words.flatMap((word, index) => {
    if (typeof word !== 'string' || PLAIN.test(word)) return []
    const literal = withoutExpressions(word)
    for (const { form, says } of HABITS) {
      // Several words in one are only where the command's own words stand.
      if (form === HABITS[2]?.form && index > 0) continue
      const match = form.exec(literal)
      if (match)
        return [{ path: [...path, index], start: match.index, end: match.index + match[0].length, ...says(match) }]
    }
    return bracesOnly([...path, index], literal)
  })
}

/** Warns of characters in a command's words that look like others, as a chat or a document puts them. */
export function lintLookAlikes(path: Path, words: Argument[]): Finding[] {
  return words.flatMap((word, index) =>
    typeof word !== 'string'
      ? []
      : lookAlikes(withoutExpressions(word)).map((found) => ({
          path: [...path, index],
          ...{ start: found.start, end: found.end },
          ...describeLookAlike(found),
          severity: 'warning' as const,
        })),
  )
}

/** `{{ … }}` without its dollar. */
export function bracesOnly(path: Path, text: string): Finding[] {
  const match = /\{\{([^{}]+)\}\}/.exec(withoutExpressions(text))
  if (!match) return []
  return [
    {
      path,
      start: match.index,
      end: match.index + match[0].length,
      message: 'this is not filled in',
      hint: `an expression starts with a dollar: \${{ ${match[1]?.trim()} }}`,
    },
  ]
}
