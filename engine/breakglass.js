#!/usr/bin/env node
// Starts the engine on a Node that runs TypeScript as it is (22.18 or newer): this one, or the `node` package beside us.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))
const own = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url))
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major > 22 || (major === 22 && minor >= 18)) await import(main)
else if (existsSync(own)) {
  const child = spawn(own, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  // Ctrl-C and a closed terminal reach the child by themselves, as part of the foreground group; a plain kill doesn't.
  for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))
} else {
  console.error(
    `Breakglass needs Node 22.18 or newer; this is ${process.versions.node}. Run \`npm ci\` in its folder, or install a newer Node.`,
  )
  process.exit(2)
}
