# The one image of both processes. dist/ is a bundle: the final stage holds Node.js, it, and nothing else, not even a shell.
FROM node:24-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY .config ./.config
COPY src ./src
RUN npm run build

FROM gcr.io/distroless/nodejs24-debian12:nonroot
WORKDIR /app
# package.json says that the bundle consists of ES modules.
COPY --from=build /src/package.json ./
COPY --from=build /src/dist ./dist
COPY LICENSE ./
ENV NODE_ENV=production
# By number, so that the kubelet can check runAsNonRoot. Nothing is ever written: the root file system may be read-only.
USER 65532:65532
EXPOSE 8443 9090
ENTRYPOINT ["/nodejs/bin/node", "/app/dist/main.js"]
CMD ["--help"]
