import { expect, test } from 'vitest'
import { record, textOf } from '../../scripts/recording/record.ts'
import { drawSvg, textsIn } from '../../scripts/recording/svg.ts'
import { textOf as pageText } from './blocks.ts'

/** Leaves out what differs between two runs: the checkpoint's root, durations, and line breaks that follow from them. */
const lasting = (text: string): string =>
  text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/(checkpoint \S+ \d+) [\w+/ ]+=/g, '$1')
    .replaceAll(/(; )?\b\d+(\.\d+)? (ms|s|min)\b( simulated)?/g, '')
    .replaceAll(/ +/g, ' ')

test('the recording shows what a rehearsal prints now, else run `npm run recording`', async () => {
  const frames = await record()
  const shown = textsIn(pageText('docs/rehearsal.svg'))
  expect(shown.map(lasting)).toEqual(frames.map(({ lines }) => lasting(textOf(lines))))
})

test('what is drawn can be read back, whatever characters it has', () => {
  const text = '<b> & "c" &amp;  ✔'
  const svg = drawSvg([{ seconds: 1, lines: [[{ text, bold: true, dim: false, color: 1 }], []] }], {
    title: 't',
    columns: 9,
  })
  expect(textsIn(svg)).toEqual([`${text}\n`])
})
