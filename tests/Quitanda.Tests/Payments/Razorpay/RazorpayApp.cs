using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Payments.Providers;

namespace Quitanda.Tests.Payments.Razorpay;

/// <summary>The application with a line to the simulated Razorpay that can lose the answers to what was not only a question.</summary>
public class RazorpayApp(TestPostgres postgres) : SimulatedPaymentsApp(postgres)
{
    private int _losing;

    /// <summary>Loses the answers to the next so many POSTs, after Razorpay has done what was asked.</summary>
    internal void Lose(int answers) => Volatile.Write(ref _losing, answers);

    protected override void Configure(WebApplicationBuilder builder)
    {
        base.Configure(builder);
        builder.Services.AddHttpClient(ProviderLine.ClientOf("razorpay")).AddHttpMessageHandler(() => new LosingLine(this));
    }

    private sealed class LosingLine(RazorpayApp app) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            return request.Method == HttpMethod.Post && Interlocked.Decrement(ref app._losing) >= 0 ? throw new HttpRequestException(HttpRequestError.ResponseEnded) : answer;
        }
    }
}
