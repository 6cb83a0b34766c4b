/**
 * Traces over two processes: the request at the web process, the time in Redis, and what the worker does for it are one trace, which says
 * nothing about the patient.
 */
import type { SeriesRef } from './support/api.ts';
import { describeWith } from './support/requirements.ts';
import { SmallPatient } from './support/smallPatient.ts';
import { startTraceReceiver } from './support/traceReceiver.ts';
import type { ReceivedSpan, TraceReceiver } from './support/traceReceiver.ts';
import { WorkSite } from './support/workers.ts';

describeWith(['orthanc', 'redis'], 'the traces of a web process and a worker', () => {
  let receiver: TraceReceiver;
  let site: WorkSite;
  let series: readonly SeriesRef[];

  beforeAll(async () => {
    receiver = await startTraceReceiver();
    const tracing = { endpoint: receiver.endpoint };
    site = await WorkSite.open({ models: { default: 'mind-ssc' }, tracing });
    await site.startWorker();
    const patient = new SmallPatient(site.orthanc.dicomweb);
    series = [await patient.storeCurrent(), await patient.storePrior()];
    await site.connected();
    await Promise.all(series.map((one) => site.server.api.follow('/series-embeddings', one)));
    // What a process has not sent yet it sends at its end.
    await site.stopWorkers();
    await site.server.stop();
  });
  afterAll(async () => {
    await site.close();
    await receiver.stop();
  });

  const requests = (): readonly ReceivedSpan[] =>
    receiver.spans.filter(({ name }) => name === 'POST /series-embeddings');
  const within = (parent: ReceivedSpan | undefined): readonly string[] =>
    receiver.spans.filter(({ parentSpanId }) => parentSpanId === parent?.spanId).map(({ name }) => name);
  const workOf = ({ spanId }: ReceivedSpan): ReceivedSpan | undefined =>
    receiver.spans.find(({ name, parentSpanId }) => name === 'work embedding' && parentSpanId === spanId);

  test('each request has its own time in the queue and its own work in the worker, with the stages in it', () => {
    expect(requests()).toHaveLength(series.length);
    for (const request of requests()) {
      expect(within(request)).toEqual(expect.arrayContaining(['queue wait', 'work embedding']));
      const work = workOf(request);
      expect(work?.traceId).toBe(request.traceId);
      const stages = within(work);
      for (const stage of ['PACS retrieve-series', 'fetch', 'decode', 'resample', 'embed'])
        expect([stage, stages.filter((name) => name === stage)]).toEqual([stage, [stage]]);
    }
    expect(new Set(requests().map(({ traceId }) => traceId)).size).toBe(series.length);
  });

  test('they hold no UID', () => {
    for (const { studyInstanceUid, seriesInstanceUid } of series) {
      expect(receiver.text).not.toContain(studyInstanceUid);
      expect(receiver.text).not.toContain(seriesInstanceUid);
    }
  });
});
