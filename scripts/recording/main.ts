import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { record, textOf } from './record.ts'
import { drawSvg } from './svg.ts'

/** Writes docs/rehearsal.svg, the recording in the README, from a rehearsal that it runs now. */
const frames = await record()
const title = 'A terminal: Breakglass finds that web is not public, asks, changes it, and reads the result back.'
writeFileSync(
  fileURLToPath(new URL('../../docs/rehearsal.svg', import.meta.url)),
  drawSvg(frames, { title, columns: 80 }),
)
process.stdout.write(`${textOf(frames.at(-1)?.lines ?? [])}\n`)
