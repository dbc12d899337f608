#!/usr/bin/env node
// Starts the engine, in a clone from its TypeScript and in the installed package from what was built of it, on a Node that
// can run it (22.18 or newer): this one, or the `node` package beside us.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { constants } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const firstOf = (...paths) => paths.map((path) => new URL(path, import.meta.url)).find((url) => existsSync(url))

const main = firstOf('./main.ts', '../dist/engine/main.js')

// What Node makes of the code is kept where only this user writes: beside a clone's code, and never in an installed package.
const home = process.env.XDG_CACHE_HOME || (process.env.HOME && join(process.env.HOME, '.cache'))
const cache = existsSync(new URL('./main.ts', import.meta.url))
  ? fileURLToPath(new URL('../.cache', import.meta.url))
  : home && join(home, 'breakglass')
if (cache) module.enableCompileCache?.(cache)

const own = firstOf('../node_modules/node/bin/node', '../../node/bin/node')
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major > 22 || (major === 22 && minor >= 18)) await import(main)
else if (own) {
  const child = spawn(fileURLToPath(own), [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' })
  // Ctrl-C and a closed terminal reach the child by themselves, as part of the foreground group; a plain kill doesn't.
  for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))
} else {
  console.error(
    `Breakglass needs Node 22.18 or newer; this is ${process.versions.node}. Install a newer Node, or the package \`node\` beside it (in a clone \`npm ci\` does).`,
  )
  process.exit(2)
}
