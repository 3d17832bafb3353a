import { Reject, Testee } from './dxspec-testee.mjs';

const testee = new Testee('toy', '1', 'typescript', { features: process.argv.slice(2), coarse: ['auth'] });

testee.op('toy.echo', (given) => given);
testee.op('toy.refuse', async () => {
  throw new Reject('auth.key', 'no such key');
});
testee.op('toy.accident', () => ({ ok: undefined.member }));
testee.op('toy.text', () => 'text');
testee.op('toy.print', () => {
  console.log('a whole line');
  process.stdout.write('and a half');
  return {};
});
testee.sessionOp('toy.count', async (given, state) => {
  state.set('count', (state.get('count') ?? 0) + 1);
  return { count: String(state.get('count')) };
});

// What an implementation leaves running must not keep the adapter alive.
setTimeout(() => process.exit(1), 20_000);
await testee.serve();
