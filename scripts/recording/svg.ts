import type { Frame, Span } from './record.ts'

/** The terminal's 16 colors on the dark background below. */
const COLORS = [
  ...['#484f58', '#ff7b72', '#3fb950', '#d29922', '#58a6ff', '#bc8cff', '#39c5cf', '#b1bac4'],
  ...['#6e7681', '#ffa198', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#ffffff'],
]

const character = { width: 8.4, height: 19 }
const margin = 16

/** Draws frames as an SVG that shows one after the other; readers who prefer no motion see the last one. */
export function drawSvg(frames: Frame[], { title, columns }: { title: string; columns: number }): string {
  const width = columns * character.width + 2 * margin
  const height = Math.max(...frames.map(({ lines }) => lines.length)) * character.height + 2 * margin
  const total = frames.reduce((sum, { seconds }) => sum + seconds, 0)
  let begin = 0
  const rules = frames.map(({ seconds }, index) => {
    const [from, to] = [begin, begin + seconds].map((at) => `${Number(((at / total) * 100).toFixed(2))}%`)
    begin += seconds
    const hidden = from === '0%' ? '' : '0%{visibility:hidden}'
    const after = to === '100%' ? '' : `${to}{visibility:hidden}`
    return `@keyframes f${index}{${hidden}${from}{visibility:visible}${after}}.f${index}{animation:f${index} ${total}s step-end infinite}`
  })
  const last = `.f${frames.length - 1}{visibility:visible}`
  const style = [
    'text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#e6edf3;white-space:pre}',
    '.b{font-weight:bold}.d{opacity:.6}g{visibility:hidden}',
    ...rules,
    `${last}@media (prefers-reduced-motion:reduce){g{animation:none!important}}`,
  ]
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img" xml:space="preserve">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>${style.join('\n')}</style>`,
    `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
    ...frames.map(({ lines }, index) => `<g class="f${index}">\n${lines.map(drawLine).join('\n')}\n</g>`),
    '</svg>',
  ].join('\n')}\n`
}

function drawLine(spans: Span[], row: number): string {
  const y = margin + (row + 0.75) * character.height
  return `<text x="${margin}" y="${y}">${spans.map(drawSpan).join('')}</text>`
}

function drawSpan({ text, color, bold, dim }: Span): string {
  const classes = [...(bold ? ['b'] : []), ...(dim ? ['d'] : [])].join(' ')
  const fill = color === undefined ? undefined : COLORS[color]
  const attributes = `${classes === '' ? '' : ` class="${classes}"`}${fill === undefined ? '' : ` fill="${fill}"`}`
  return attributes === '' ? escapeXml(text) : `<tspan${attributes}>${escapeXml(text)}</tspan>`
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** Returns the text of each frame of an SVG that `drawSvg` has drawn. */
export const textsIn = (svg: string): string[] =>
  [...svg.matchAll(/<g [^>]*>([\s\S]*?)<\/g>/g)].map(([, frame = '']) =>
    [...frame.matchAll(/<text [^>]*>(.*)<\/text>/g)].map(([, line = '']) => readXml(line)).join('\n'),
  )

const readXml = (text: string): string =>
  text
    .replaceAll(/<[^>]+>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
