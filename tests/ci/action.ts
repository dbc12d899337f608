import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

export const root = fileURLToPath(new URL('../../', import.meta.url))

type Step = { shell: string; run: string; env?: Record<string, string> }

/** action.yml as it is committed. */
export const action: {
  inputs: Record<string, { default?: string }>
  runs: { using: string; steps: Step[] }
} = parse(readFileSync(join(root, 'action.yml'), 'utf8'))

/** The environment that a step asks for, its inputs filled in as GitHub does. */
export const environmentOf = ({ env = {} }: Step, given: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).map(([name, value]) => {
      const input = /^\$\{\{ inputs\.([a-z-]+) \}\}$/.exec(value)?.[1] ?? ''
      return [name, given[input] ?? action.inputs[input]?.default ?? '']
    }),
  )
