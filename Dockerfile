# One image, one program: hpa-bridge <command>. There is no node_modules and nothing is written to disk.
FROM node:26-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# The bundler brings its binary as a package, and this stage has its own Node: no install script has to run.
RUN npm ci --ignore-scripts
COPY tools/build.mjs tools/sbom.mjs tools/
COPY src src
ARG COMMIT=unknown
RUN COMMIT=${COMMIT} node tools/build.mjs && node tools/sbom.mjs

FROM node:26-slim
ARG COMMIT=unknown
LABEL org.opencontainers.image.title="hpa-bridge" \
      org.opencontainers.image.description="Scales Knative services on PromQL queries, cpu and memory, through KEDA or the HorizontalPodAutoscaler." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision="${COMMIT}"
COPY --from=build --chmod=0555 /build/dist /app
ENV NODE_ENV=production
USER 65532:65532
EXPOSE 8012 8013 8080 8081 8090 8112
# The exec form makes node process 1, which handles SIGTERM itself. The heap may take three quarters of the container's memory limit.
ENTRYPOINT ["node", "--max-old-space-size-percentage=75", "/app/hpa-bridge.mjs"]
CMD ["controller"]
