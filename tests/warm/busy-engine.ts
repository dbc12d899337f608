import { callOf, runnerOf, warmUp } from './toy-sdk.ts'

// An engine in the middle of a command: prints the process ids of the warm gcloud and the command, then waits to be killed.
const [path = ''] = process.argv.slice(2)
const warm = warmUp(path)
const runner = runnerOf(path)
const parent = await warm.run(callOf(['parent']), runner)
void warm.run(callOf(['sleep', '60']), {
  ...runner,
  onChild: (change, pid) => {
    if (change === 'started')
      process.stdout.write(JSON.stringify([Number(Buffer.from(parent!.stdout).toString()), pid]))
  },
})
