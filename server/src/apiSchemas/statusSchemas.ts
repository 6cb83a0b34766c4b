/**
 * The wire format of what a server says of itself (see schemas.ts).
 * @module
 */
import { z } from 'zod';

export const healthAnswer = z
  .strictObject({
    status: z.enum(['ok', 'degraded']).meta({ description: 'degraded: no model could be loaded' }),
    version: z.string(),
    model: z.string().nullable().meta({ description: 'The default model' }),
    executionProvider: z
      .string()
      .nullable()
      .meta({ description: 'What runs the models; null until one was opened' }),
    warnings: z
      .array(z.strictObject({ code: z.string(), message: z.string() }))
      .readonly()
      .meta({ description: 'What an administrator should look at' }),
  })
  .meta({ id: 'HealthAnswer' });

export const modelsAnswer = z
  .strictObject({
    models: z
      .array(
        z.strictObject({
          id: z.string(),
          title: z.string(),
          kind: z.string(),
          modalities: z.array(z.string()).readonly(),
          region: z.string(),
          default: z.boolean(),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'ModelsAnswer' });

export const liveAnswer = z.strictObject({ status: z.literal('live') }).meta({ id: 'LiveAnswer' });

export const readyAnswer = z
  .strictObject({
    status: z.enum(['ready', 'not ready']),
    reasons: z
      .array(z.strictObject({ code: z.string(), message: z.string() }))
      .readonly()
      .meta({ description: 'Why it is not ready, or what is missing although it is' }),
  })
  .meta({ id: 'ReadyAnswer' });

export const sourcesAnswer = z
  .strictObject({
    sources: z
      .array(
        z.strictObject({
          name: z.string(),
          ohifDataSources: z
            .array(z.string())
            .readonly()
            .meta({ description: 'Names of the data sources of OHIF that show it' }),
        }),
      )
      .readonly(),
  })
  .meta({ id: 'SourcesAnswer' });
