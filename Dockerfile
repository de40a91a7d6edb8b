# The one image of both processes. dist/ is a bundle: the final stage holds Node.js and it, and no node_modules.
# Another base for the final stage, such as a distroless one with Node.js 24: --build-arg RUNTIME_IMAGE=…
ARG RUNTIME_IMAGE=node:24-slim

FROM node:24-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY .config ./.config
COPY src ./src
RUN npm run build

FROM ${RUNTIME_IMAGE}
WORKDIR /app
# package.json says that the bundle consists of ES modules.
COPY --from=build /src/package.json ./
COPY --from=build /src/dist ./dist
COPY LICENSE ./
ENV NODE_ENV=production
# One malloc arena a core keeps memory that peaks used; two are enough for a process with one busy thread.
ENV MALLOC_ARENA_MAX=2
# glibc's usual value, but fixed: left alone it grows with what was freed, and what the start took is never given back.
ENV MALLOC_TRIM_THRESHOLD_=131072
# By number, so that the kubelet can check runAsNonRoot. Nothing is ever written: the root file system may be read-only.
USER 65532:65532
EXPOSE 8443 9090
# Lets a process give back what its start took (src/commands/release-start-memory.ts).
ENTRYPOINT ["node", "--expose-gc", "/app/dist/main.js"]
CMD ["--help"]
