import { PassThrough } from 'node:stream'
import { createPrompt, useEffect, usePagination, useState } from '@inquirer/core'
import { Interrupted } from '../run/model/host.ts'
import type { Keyboard } from './keyboard.ts'
import type { Editor, Widget } from './widgets.ts'

type Hand = { editor: Editor; render(): void; done(value: unknown): void }

/** The lines of a list on the screen: all answers to a step, with two of them on two lines. */
const PAGE = 10

const prompt = createPrompt<unknown, { widget: Widget<unknown>; open(): boolean; attach(hand: Hand): void }>(
  ({ widget, open, attach }, done) => {
    const [, setDrawing] = useState(0)
    useEffect((editor) => attach({ editor, render: () => setDrawing((drawing) => drawing + 1), done }), [])
    const list = widget.list?.()
    const items = list?.lines ?? []
    const page =
      list && items.length > 0
        ? usePagination({ items, active: list.active, renderItem: ({ item }) => item, pageSize: PAGE, loop: false })
        : ''
    return widget.view(open(), page)
  },
)

/** Draws a widget with inquirer until it is answered, and again if the screen has changed. Throws Interrupted. */
export async function ask<T>(widget: Widget<T>, keyboard: Keyboard, stopping: AbortSignal): Promise<T> {
  for (;;) {
    const ended = await drawOnce(widget, keyboard, stopping)
    if (ended !== 'again') return ended.value
    widget.reset()
  }
}

async function drawOnce<T>(
  widget: Widget<T>,
  keyboard: Keyboard,
  stopping: AbortSignal,
): Promise<{ value: T } | 'again'> {
  const input = new PassThrough()
  const again = new AbortController()
  const context = { input, signal: AbortSignal.any([stopping, again.signal]), clearPromptOnDone: false }
  let opened = false
  let hand: Hand | undefined
  const shown = () => JSON.stringify([widget.list?.(), widget.view(opened, '')])
  const standing = keyboard.stand({
    open(is) {
      opened = is
      hand?.render()
    },
    key(key) {
      if (hand === undefined) return
      const before = shown()
      const answer = widget.key(key, hand.editor)
      // No further key may reach an answered question.
      if (answer) standing.gone()
      if (shown() !== before) hand.render()
      if (answer) hand.done(answer.value)
    },
    redraw(where) {
      context.clearPromptOnDone = where === 'here'
      again.abort()
    },
  })
  const attach = (given: Hand) => {
    hand = given
    const typed = widget.typed?.() ?? ''
    if (typed !== '') given.editor.write(typed)
    standing.drawn()
  }
  try {
    const config = { widget: widget as Widget<unknown>, open: () => opened, attach }
    return { value: (await prompt(config, context)) as T }
  } catch (error) {
    // Ctrl-C or a signal at the question is no error.
    if (stopping.aborted || (error as Error).name === 'ExitPromptError') throw new Interrupted()
    if (again.signal.aborted) return 'again'
    throw error
  } finally {
    standing.gone()
    input.destroy()
  }
}
