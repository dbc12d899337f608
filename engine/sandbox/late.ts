import type { World } from './model/world.ts'

/** Schedules a change for when the sandbox's clock reaches a time. */
export function applyAt(world: World, due: number, effect: () => void): void {
  world.late.push({ due, effect })
  world.late.sort((a, b) => a.due - b.due)
}

/** Makes all changes that are due, in order; call it before anything is read. */
export function applyDue(world: World): void {
  for (let next = world.late[0]; next && next.due <= world.clock.now(); next = world.late[0]) {
    world.late.shift()
    next.effect()
  }
}
