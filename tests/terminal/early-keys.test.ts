import fc from 'fast-check'
import pLimit from 'p-limit'
import { expect, test } from 'vitest'
import { goThrough, SESSIONS } from './session.ts'

const sessions = Number(process.env.KEYS_SESSIONS ?? 20)
const seed = Number(process.env.KEYS_SEED ?? Date.now() % 2 ** 31)
const SANE = { cooked: true, cursor: true, plainPaste: true }

test(`every change was consented to at a question that was seen: ${sessions} sessions, seed ${seed}`, {
  timeout: 240_000 + sessions * 30_000,
}, async () => {
  const limit = pLimit(Number(process.env.KEYS_WIDTH ?? 4))
  const all = fc.sample(SESSIONS, { seed, numRuns: sessions })
  const seen = await Promise.all(all.map((session) => limit(() => goThrough(session))))
  const wrong = seen.flatMap(({ consents, intents, terminal, exit, screen }, index) => {
    const right = consents.unseen === 0 && consents.seen === intents && ['0', '4', '130'].includes(exit)
    return right && JSON.stringify(terminal) === JSON.stringify(SANE)
      ? []
      : [{ index, session: JSON.stringify(all[index]), consents, intents, terminal, exit, screen: screen.slice(-3000) }]
  })
  const total = (of: (each: (typeof seen)[number]) => number) => seen.reduce((sum, each) => sum + of(each), 0)
  console.log(
    `seed ${seed}: ${sessions} sessions, ${total(({ intents }) => intents)} intents, ${total(({ consents }) => consents.seen)} consents that were seen, ${total(({ consents }) => consents.unseen)} that were not, ${wrong.length} sessions wrong`,
  )
  expect(wrong.slice(0, 3)).toEqual([])
})
