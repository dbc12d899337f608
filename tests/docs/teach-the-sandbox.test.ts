import { expect, test } from 'vitest'
import { models } from '../../engine/sandbox/apis/models/all.ts'
import { textOf } from './blocks.ts'

const page = textOf('docs/teach-the-sandbox.md')

test('the example on teaching the sandbox a product is the model of that product', () => {
  const [, shown = ''] = /```ts\n([\s\S]*?)```/.exec(page) ?? []
  expect(textOf('engine/sandbox/apis/models/pubsub.ts')).toContain(shown)
})

test('the page on teaching the sandbox a product names every key of a model', () => {
  const keys = [...textOf('engine/sandbox/apis/models/model.ts').matchAll(/^ {2}(\w+)\?: /gm)].map(([, key]) => key!)
  expect(keys.length).toBeGreaterThan(8)
  for (const key of keys) expect(page).toContain(`\`${key}\``)
  for (const key of Object.values(models).flatMap((model) => Object.keys(model))) expect(keys).toContain(key)
})

test('the page names every kind of effect', () => {
  const [, effects = ''] =
    /export type Effect =([\s\S]*?)\n\n/.exec(textOf('engine/sandbox/apis/models/model.ts')) ?? []
  const kinds = [...effects.matchAll(/kind: ((?:'\w+'(?: \| )?)+)/g)].flatMap(([, list]) => list!.match(/\w+/g) ?? [])
  expect(kinds.length).toBeGreaterThan(7)
  for (const kind of kinds) expect(page).toContain(`\`${kind}\``)
})
