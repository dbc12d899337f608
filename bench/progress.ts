import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pty from '@lydell/node-pty'
import { atMost, type Effort, type Figure, interleave } from './figure.ts'

const script = fileURLToPath(new URL('many-steps.ts', import.meta.url))

/** Measures the CPU time of observing many steps, drawn on a terminal and printed into a pipe. */
export async function progress({ rounds, short }: Effort, folder: string): Promise<Figure> {
  const sizes = short ? [200, 800] : [200, 400, 800]
  const file = join(folder, 'cpu-ms')
  const read = () => Number(readFileSync(file, 'utf8')) / 1000
  const ways = sizes.flatMap((size) => [
    [`${size} on a terminal`, async () => onTerminal([script, String(size), file]).then(read)] as const,
    [`${size} into a pipe`, async () => intoPipe([script, String(size), file]).then(read)] as const,
  ])
  const medians = await interleave(rounds, Object.fromEntries(ways))
  const of = (name: string) => medians[name] ?? 0
  return {
    name: 'CPU time of observing steps',
    unit: 's',
    medians,
    goals: [
      atMost('800 on a terminal / into a pipe', of('800 on a terminal') / of('800 into a pipe'), 1.1),
      atMost('800 / 200 on a terminal', of('800 on a terminal') / of('200 on a terminal'), 4.4),
    ],
    notes: [],
  }
}

const intoPipe = async (argv: string[]): Promise<unknown> => spawnSync(process.execPath, argv)

const onTerminal = (argv: string[]): Promise<unknown> =>
  new Promise((resolve) => {
    const child = pty.spawn(process.execPath, argv, { cols: 80, rows: 40 })
    child.onData(() => {})
    child.onExit(resolve)
  })
