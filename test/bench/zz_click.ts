import { setTimeout as sleep } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import { startOrthanc } from '../support/orthanc.ts';
import { storeRealPair } from '../support/realPair.ts';
import { startSamepoint } from '../support/samepointServer.ts';
import { readVolume, createDicomwebClient } from '@samepoint/server';
import { isInside } from '../../server/src/phantom/index.ts';
import { DeepBody } from '../accuracy/points.ts';
const orthanc = await startOrthanc();
const cpu = () => { const f = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.split(/\s+/).slice(1).map(Number); return { busy: f[0]! + f[1]! + f[2]! + f[5]! + f[6]!, idle: f[3]! + f[4]!, steal: f[7]! }; };
try {
  const { current, prior } = await storeRealPair(orthanc.dicomweb, 'cmbcrc', 'easy', []);
  const volume = await readVolume(createDicomwebClient({ root: orthanc.dicomweb.root }).retrieveSeries(current));
  const [point] = new DeepBody(volume).draw(100, 1, (p: any) => isInside(volume, p, 6));
  for (let n = 0; n < Number(process.argv[2] ?? 3); n++) {
    const server = await startSamepoint({ dicomweb: { root: orthanc.dicomweb.root } });
    try {
      await sleep(4000);
      if (process.argv[4] === 'warm') { const w = await server.api.follow('/matches', { query: current, targets: [prior], points: [{ id: '0', lps: point }], model: 'mind-ssc' }); console.log(JSON.stringify(w).slice(0, 200)); await sleep(2000); }
      const since = performance.now();
      const c0 = cpu(); let last = c0;
      const verbose = process.argv[3] === 'v';
      const samples: string[] = [];
      const timer = setInterval(() => { const c = cpu(); samples.push(`${((performance.now() - since) / 1000).toFixed(2)}:${Math.round(100 * (c.busy - last.busy) / Math.max(1, c.busy - last.busy + c.idle - last.idle + c.steal - last.steal))}%${c.steal - last.steal ? 's' + (c.steal - last.steal) : ''}`); last = c; }, 200);
      const answer: any = await server.api.request('POST', '/matches', { query: current, targets: [prior], points: [{ id: '0', lps: point }] });
      if (!answer.body.id) console.log(JSON.stringify(answer).slice(0, 400));
      const response = await fetch(`${server.api.root}/jobs/${answer.body.id}/events`);
      const dec = new TextDecoder(); let text = ''; let fetched = 0, embed = 0, match = 0, first = 0, end = 0; const line: string[] = [];
      for await (const chunk of response.body!) {
        text += dec.decode(chunk, { stream: true });
        for (let e = text.indexOf('\n\n'); e >= 0; e = text.indexOf('\n\n')) {
          const d = /^data: (.*)$/m.exec(text.slice(0, e))?.[1]; text = text.slice(e + 2); if (!d) continue;
          const job = JSON.parse(d); const t = (performance.now() - since) / 1000;
          const st = job.progress?.stage; line.push(`${t.toFixed(2)} ${job.state} ${st} ${job.progress?.fraction?.toFixed(2)}${job.preview ? ' P' : ''}`);
          if (st === 'fetch' && job.state === 'running') fetched = t; if (st === 'embed' && !embed) embed = t; if (st === 'match' && !match) match = t; if (job.preview && !first) first = t; end = t;
        }
      }
      clearInterval(timer);
      const c1 = cpu();
      console.log(`fetched ${fetched.toFixed(2)} embed+${(embed - fetched).toFixed(2)} first+${(first - fetched).toFixed(2)} match+${(match - fetched).toFixed(2)} final+${(end - fetched).toFixed(2)}; busy ${((c1.busy - c0.busy) / 100).toFixed(2)} steal ${((c1.steal - c0.steal) / 100).toFixed(2)}`);
      if (verbose) { console.log(samples.join(' ')); console.log(line.filter((_, i) => i % 8 === 0 || line[i]!.includes('P') || line[i]!.includes('match')).join('\n')); }
      await sleep(1500); } finally { await server.stop(); }
  }
} finally { await orthanc.stop(); }
