import { Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { Request, Response } from 'express';
import {
  Authenticated,
  HttpCaller,
  originOf,
  Public,
  RateLimit,
  sessionCookie,
  sourceOf,
  ValidBody,
} from '#platform/http';
import { type Caller, Clock } from '#platform/kernel';
import { z } from 'zod';
import { accessOptions, type AccessOptions } from '../access.options.ts';
import { CreateSignInLink, type SignInLink } from '../commands/create-sign-in-link.ts';
import { SignIn } from '../commands/sign-in.ts';
import { SignOut } from '../commands/sign-out.ts';
import { grantsSchema } from '../grants.schema.ts';

const linkSchema = z.object({ grants: grantsSchema });
const codeSchema = z.object({ code: z.string().min(1).max(200) });

/** Who is signed in, and until when. */
interface SessionReply {
  readonly subject: string;
  readonly grants: Caller['grants'];
  readonly expiresAt?: number | undefined;
}

@Controller('v1')
export class SignInController {
  private readonly attempts: RateLimit;

  constructor(
    private readonly commands: CommandBus,
    @Inject(accessOptions) private readonly options: AccessOptions,
    clock: Clock,
  ) {
    this.attempts = new RateLimit({ limit: 10, windowMs: 60_000 }, clock);
  }

  @Post('sign-in-links')
  @Authenticated()
  async createLink(
    @ValidBody(linkSchema) { grants }: z.infer<typeof linkSchema>,
    @HttpCaller() caller: Caller,
    @Req() request: Request,
  ): Promise<SignInLink> {
    return this.commands.execute(new CreateSignInLink(grants, caller, this.originFor(request)));
  }

  @Post('sign-in')
  @Public()
  @HttpCode(200)
  async signIn(
    @ValidBody(codeSchema) { code }: z.infer<typeof codeSchema>,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionReply> {
    this.attempts.take(sourceOf(request));
    const { session, caller } = await this.commands.execute(new SignIn(code));
    response.cookie(sessionCookie.name, session, this.cookieOptions(request, caller.expiresAt));
    return replyOf(caller);
  }

  @Get('session')
  @Authenticated()
  session(@HttpCaller() caller: Caller, @Res({ passthrough: true }) response: Response): SessionReply {
    response.setHeader('Cache-Control', 'no-store');
    return replyOf(caller);
  }

  @Post('sign-out')
  @Authenticated()
  @HttpCode(204)
  async signOut(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<void> {
    const session = sessionCookie.read(request.headers.cookie);
    if (session !== undefined) await this.commands.execute(new SignOut(session));
    response.clearCookie(sessionCookie.name, this.cookieOptions(request));
  }

  private cookieOptions(request: Request, expiresAt?: number): ReturnType<typeof sessionCookie.options> {
    const secure = this.originFor(request).startsWith('https:');
    return sessionCookie.options(secure, expiresAt === undefined ? undefined : new Date(expiresAt));
  }

  private originFor(request: Request): string {
    return this.options.publicUrl ?? originOf(request);
  }
}

function replyOf({ subject, grants, expiresAt }: Caller): SessionReply {
  return { subject, grants, expiresAt };
}
