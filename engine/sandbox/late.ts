import type { World } from './model/world.ts'

/** Lets what was asked for take effect once the sandbox's clock has come to a moment. */
export function takeEffectAt(world: World, due: number, effect: () => void): void {
  world.late.push({ due, effect })
  world.late.sort((a, b) => a.due - b.due)
}

/** Makes what is due by now, in its order; to be called before anything is read or asked. */
export function settleLate(world: World): void {
  for (let next = world.late[0]; next && next.due <= world.clock.now(); next = world.late[0]) {
    world.late.shift()
    next.effect()
  }
}
